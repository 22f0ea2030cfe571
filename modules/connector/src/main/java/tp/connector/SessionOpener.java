package tp.connector;

import java.nio.channels.ByteChannel;
import tp.tunnel.ClientHello;
import tp.tunnel.ServerPin;
import tp.tunnel.SessionListener;

/** Lays a session on a byte stream. */
@FunctionalInterface
interface SessionOpener {

    /**
     * Blocks until the manager has welcomed this client.
     *
     * @param pipe owned by the session from here on, also if this throws
     * @throws tp.spi.common.TpException refused, another key, or no answer
     */
    ManagerSession open(
            ByteChannel pipe, ClientHello hello, ServerPin pin, SessionListener listener);
}
