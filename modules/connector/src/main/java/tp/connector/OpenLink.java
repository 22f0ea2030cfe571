package tp.connector;

import tp.kube.ManagerInfo;
import tp.spi.transport.Transport;

/** A session and what it runs over. */
record OpenLink(
        ManagerSession session,
        String transportId,
        Transport transport,
        ManagerInfo manager,
        LinkListener listener)
        implements AutoCloseable {

    /** {@return the address in use, empty where the transport has none} */
    String where() {
        return transport.endpoint().map(at -> "to " + at.address()).orElse("");
    }

    @Override
    public void close() {
        session.close();
        end(transport, transportId);
    }

    /**
     * Closes a transport that may be of a plug-in; what that leaves open ends with this process.
     */
    static void end(Transport transport, String id) {
        try {
            transport.close();
        } catch (RuntimeException e) {
            System.getLogger(OpenLink.class.getName())
                    .log(System.Logger.Level.WARNING, "transport {0}: {1}", id, e);
        }
    }
}
