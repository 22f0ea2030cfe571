package tp.stack;

/** How the far dial ended, and so what the application's {@code connect()} is told. */
public enum DialOutcome {
    ESTABLISHED,
    /** RST: ECONNREFUSED. */
    REFUSED,
    /** ICMP 3/1, ICMPv6 1/3: EHOSTUNREACH. */
    HOST_UNREACHABLE,
    /** ICMP 3/0, ICMPv6 1/0: ENETUNREACH. */
    NETWORK_UNREACHABLE,
    /** Nothing, as from the remote; the application's kernel decides when it is enough. */
    TIMED_OUT,
    /** ICMP 3/13, ICMPv6 1/1: EHOSTUNREACH, EACCES. */
    PROHIBITED,
    /** As {@link #NETWORK_UNREACHABLE}. */
    TUNNEL_DOWN
}
