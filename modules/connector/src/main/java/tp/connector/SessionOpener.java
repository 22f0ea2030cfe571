package tp.connector;

import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.tunnel.ClientHello;
import tp.tunnel.FlowKeep;
import tp.tunnel.SessionListener;

/** Lays a session on a transport's link. */
@FunctionalInterface
interface SessionOpener {

    /**
     * Blocks until the manager has welcomed this client.
     *
     * @param link owned by the session from here on, also if this throws
     * @throws tp.spi.common.TpException refused, another key, or no answer
     */
    ClusterSession open(Link link, ClientHello hello, ServerPin pin, SessionListener listener);

    /** {@return what its sessions carry, and what became of flows of those that were lost} */
    default FlowKeep.Statistics kept() {
        return FlowKeep.Statistics.NONE;
    }

    /** No flow waits for a link any more. */
    default void end() {}
}
