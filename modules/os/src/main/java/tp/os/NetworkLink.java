package tp.os;

/** A network device of this host, as the kernel lists it. */
public record NetworkLink(int index, String name, boolean up, int mtu) {}
