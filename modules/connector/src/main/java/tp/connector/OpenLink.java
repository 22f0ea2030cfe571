package tp.connector;

import java.util.List;
import tp.kube.ManagerInfo;
import tp.spi.transport.Transport;
import tp.tunnel.MappingRequest;

/**
 * A session and what it runs over.
 *
 * @param mapping what it asked for when it was opened
 * @param parallel how many links at once serve a session better than one, at least 1
 */
record OpenLink(
        ClusterSession session,
        String transportId,
        Transport transport,
        ManagerInfo manager,
        LinkListener listener,
        MappingRequest mapping,
        int parallel)
        implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(OpenLink.class.getName());

    /** Whatever a plug-in asks for. */
    private static final int MOST_PARALLEL = 8;

    /** {@return a link over that transport, which may be of a plug-in} */
    static OpenLink of(
            ClusterSession session, String id, LinkAttempt attempt, MappingRequest mapping) {
        Transport transport = attempt.transport();
        int parallel = 1;
        try {
            parallel = Math.clamp(transport.parallelLinks(), 1, MOST_PARALLEL);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "transport {0}: {1}", id, e);
        }
        return new OpenLink(
                session, id, transport, attempt.manager(), attempt.listener(), mapping, parallel);
    }

    /** {@return the address in use, empty where the transport has none} */
    String where() {
        return transport.endpoint().map(at -> "to " + at.address()).orElse("");
    }

    @Override
    public void close() {
        session.close();
        end(transport, transportId);
    }

    /** Closes them at once: each waits for a word of the manager's. */
    static void closeAll(List<OpenLink> links) {
        List<Thread> closing =
                links.stream().map(link -> Thread.ofVirtual().start(link::close)).toList();
        try {
            for (Thread one : closing) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Closes a transport that may be of a plug-in; what that leaves open ends with this process.
     */
    static void end(Transport transport, String id) {
        try {
            transport.close();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "transport {0}: {1}", id, e);
        }
    }
}
