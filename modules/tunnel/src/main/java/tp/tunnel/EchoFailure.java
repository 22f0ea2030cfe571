package tp.tunnel;

/** What an ICMP error says of an echo request. The numbers on the wire are the ordinals. */
public enum EchoFailure {
    NETWORK_UNREACHABLE,
    HOST_UNREACHABLE,
    /** The target is there and does not know ICMP, or says so. */
    PORT_UNREACHABLE,
    PROHIBITED,
    /** Too many hops. */
    EXPIRED
}
