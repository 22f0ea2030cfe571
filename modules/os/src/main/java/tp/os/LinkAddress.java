package tp.os;

/** An address and the link that has it. */
public record LinkAddress(int linkIndex, InterfaceAddress address) {}
