package tp.connector;

import tp.kube.ManagerInfo;
import tp.spi.transport.Transport;

/** A session and what it runs over. */
record OpenLink(
        ManagerSession session,
        String transportId,
        Transport transport,
        ManagerInfo manager,
        LinkListener listener) {

    void close() {
        session.close();
        transport.close();
    }
}
