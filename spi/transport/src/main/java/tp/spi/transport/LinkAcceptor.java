package tp.spi.transport;

import java.net.SocketAddress;

/** The manager's core, as listeners see it. */
public interface LinkAcceptor {

    /**
     * Takes over a link that a client opened, on the link's loop. Too many are closed at once.
     *
     * @param peer the client's address, as far as it is known
     */
    void accepted(Link link, SocketAddress peer);

    /**
     * Somebody came who does not speak the listener's protocol: counted, and logged once in a
     * while.
     *
     * @param reason one line
     */
    void refused(SocketAddress peer, String reason);
}
