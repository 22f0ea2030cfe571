package tp.tunnel;

/** What the manager may do to an open session; any thread. */
public interface SessionControl {

    /** Tells the client of other namespaces or subnets. */
    void update(Welcome welcome);

    /** Asks {@link SessionGrant#mayStay} for every open flow, and resets those not allowed. */
    void recheck();

    /** Ends the session, with a reason for the client's user. */
    void revoke(String reason);
}
