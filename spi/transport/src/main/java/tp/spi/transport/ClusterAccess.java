package tp.spi.transport;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/** Streams through the API server, opened with the user's own credentials, which stay behind it. */
public interface ClusterAccess {

    /**
     * Opens one connection to a port of a pod, by the pod's {@code portforward} subresource.
     *
     * @return a blocking channel, owned by the caller, that keeps the package's guarantees 5 to 7
     * @throws IOException where the API server or the pod refused, with its reason in one line
     */
    ByteChannel portForward(String namespace, String pod, int port) throws IOException;
}
