package tp.connector;

import tp.tunnel.Welcome;

/** Told of what happens to the session after it was begun; must not block. */
public interface ConnectorEvents {

    /** What is granted changed, or the session came back with these grants. */
    void granted(Welcome welcome);

    /** The link is gone; the connector seeks a new one. */
    void lost(String reason);
}
