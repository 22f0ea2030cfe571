package tp.sandbox.api;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** How the API server reaches into pods. All methods may block. */
public interface PodAccess {

    /**
     * {@return a connected TCP socket; the caller owns it}
     *
     * @throws java.net.ConnectException if nothing listens on the port
     */
    SocketChannel connect(ObjectNode pod, int port) throws IOException;

    /**
     * What of a log is wanted.
     *
     * @param container one of the pod's
     * @param follow whether to wait for what is yet to be written
     * @param tailLines how many of the last lines, -1 for all
     * @param previous the log of the container's last life
     * @param timestamps whether each line begins with its time
     * @param since lines that are older are left out
     */
    record LogRequest(
            String container,
            boolean follow,
            int tailLines,
            boolean previous,
            boolean timestamps,
            Instant since) {}

    /** {@return the log; reading blocks while it is followed, closing ends that} */
    InputStream logs(ObjectNode pod, LogRequest request) throws IOException;

    /**
     * Runs a program in a running container. The caller ends it and closes its streams.
     *
     * @param container empty for the first
     */
    default Process exec(ObjectNode pod, String container, List<String> command)
            throws IOException {
        throw new IOException("no program can be started in " + container);
    }
}
