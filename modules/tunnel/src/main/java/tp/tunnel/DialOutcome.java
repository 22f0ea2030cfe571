package tp.tunnel;

/** How a connect in the cluster ended. The numbers on the wire are the ordinals. */
public enum DialOutcome {
    ESTABLISHED,
    REFUSED,
    HOST_UNREACHABLE,
    NETWORK_UNREACHABLE,
    TIMED_OUT,
    /** The manager's rules do not allow this target. */
    PROHIBITED,
    /** The session is down or full; the target was not asked. */
    TUNNEL_DOWN
}
