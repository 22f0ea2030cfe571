package tp.tunnel;

/** Told of what happens to a client's session, on its event loop. */
public interface SessionListener {

    /** Namespaces or subnets changed; the session goes on. */
    void updated(Welcome welcome);

    /**
     * The manager has not answered for a few seconds; said each second until it does. The session
     * goes on, and ends by itself if that lasts.
     */
    void doubtful(String reason);

    /** The session ended, once, for a reason that people can read. All its flows were reset. */
    void closed(String reason);
}
