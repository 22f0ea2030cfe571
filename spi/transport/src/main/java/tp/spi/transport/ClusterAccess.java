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

    /**
     * Opens a websocket (RFC 6455) to a path of the API server, such as one that it passes on to a
     * Service. Each message is bytes, without a structure of its own.
     *
     * @param path from its first slash on, without a query
     * @param subprotocol the one that the other end has to choose
     * @return a blocking channel, owned by the caller, that keeps the package's guarantees 5 to 7
     * @throws IOException where the API server or what is behind it refused, with its reason in one
     *     line
     */
    ByteChannel webSocket(String path, String subprotocol) throws IOException;
}
