package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.api.PodAccess;

/** How the API server reaches into the pods of this node: to their addresses, and to their logs. */
final class PodReach implements PodAccess {

    private static final int CONNECT_TIMEOUT_MS = 10_000;

    private final Map<String, PodWorker> workers;

    /**
     * @param workers of the pods that are here, by uid; changes as they come and go
     */
    PodReach(Map<String, PodWorker> workers) {
        this.workers = workers;
    }

    @Override
    public SocketChannel connect(ObjectNode pod, int port) throws IOException {
        String address = Json.text(pod, "/status/podIP");
        if (address.isEmpty()) {
            throw new NoRouteToHostException("the pod has no address yet");
        }
        SocketChannel channel = SocketChannel.open();
        try {
            InetSocketAddress target = new InetSocketAddress(InetAddress.ofLiteral(address), port);
            // The channel's socket is the one way to connect with a time limit.
            channel.socket().connect(target, CONNECT_TIMEOUT_MS);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Process exec(ObjectNode pod, String container, List<String> command) throws IOException {
        Optional<Container> found =
                Optional.ofNullable(workers.get(Json.uid(pod)))
                        .flatMap(worker -> worker.container(container));
        return found.orElseThrow(() -> new IOException("container not found")).exec(command);
    }

    @Override
    public InputStream logs(ObjectNode pod, LogRequest request) {
        Optional<Container> container =
                Optional.ofNullable(workers.get(Json.uid(pod)))
                        .flatMap(worker -> worker.container(request.container()));
        Optional<BoundedLog> log =
                request.previous()
                        ? container.flatMap(Container::previousLog)
                        : container.map(Container::log);
        return log.<InputStream>map(
                        found ->
                                new LogStream(
                                        found,
                                        Math.max(
                                                found.tail(request.tailLines()),
                                                found.since(request.since())),
                                        request.follow(),
                                        request.timestamps()))
                .orElseGet(InputStream::nullInputStream);
    }
}
