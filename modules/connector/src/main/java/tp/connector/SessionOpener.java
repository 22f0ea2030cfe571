package tp.connector;

import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.tunnel.ClientHello;
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
    ManagerSession open(Link link, ClientHello hello, ServerPin pin, SessionListener listener);
}
