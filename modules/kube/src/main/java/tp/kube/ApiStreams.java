package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ByteChannel;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ClusterAccess;

/**
 * Streams through the API server, each of them a websocket: ports of pods by their {@code
 * portforward} subresource, and whatever paths lead to a websocket.
 */
final class ApiStreams implements ClusterAccess, AutoCloseable {

    /** Names are part of a path: only what Kubernetes allows (RFC 1123 §2.1, with dots). */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    /** What names and ports consist of; nothing that a server would read in a way of its own. */
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9:_-][A-Za-z0-9:._-]{0,255})+");

    private static final int MAX_PATH_CHARS = 1024;

    private static final long OPEN_TIMEOUT_SECONDS = 15;

    private static final String RIGHT = "get and create on pods/portforward are needed";

    private final KubernetesClient client;

    /** What is open, and how it is closed. */
    private final Map<Object, Runnable> open = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** What was agreed on last: the next connection begins with it. */
    private volatile boolean tunnels;

    ApiStreams(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        requireName(namespace, pod);
        if (port < 1 || port > 65_535) {
            throw new IOException("no port: " + port);
        }
        boolean tunnelFirst = tunnels;
        try {
            return forward(namespace, pod, port, tunnelFirst);
        } catch (NotNegotiatedException first) {
            ByteChannel channel = instead(first, namespace, pod, port);
            tunnels = !tunnelFirst;
            return channel;
        }
    }

    private static void requireName(String namespace, String pod) throws IOException {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(pod).matches()) {
            throw new IOException("no name of a pod: " + namespace + "/" + pod);
        }
    }

    private static String portForward(String namespace, String pod) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/portforward";
    }

    /**
     * Opens a websocket that takes connections to any port of a pod. Blocks.
     *
     * @throws IOException where it is not opened, with the reason in one line
     */
    MessageSocket forwardMany(String namespace, String pod, MessageSocket.Listener listener)
            throws IOException {
        requireName(namespace, pod);
        StreamPlace place =
                new StreamPlace(namespace + "/" + pod, portForward(namespace, pod), "pod", RIGHT);
        var socket = new MessageSocket(listener, open::remove);
        open.put(socket, socket::close);
        try {
            requireOpen();
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPEN_TIMEOUT_SECONDS);
            connect(socket, PortForwardStreams.NAME, place, deadlineNs);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the connection to the cluster is closed");
        }
    }

    private ByteChannel instead(
            NotNegotiatedException first, String namespace, String pod, int port)
            throws IOException {
        boolean tunnel = !first.subprotocol().equals(PortForwardStreams.NAME);
        try {
            return forward(namespace, pod, port, tunnel);
        } catch (IOException second) {
            second.addSuppressed(first);
            throw new IOException(
                    first.subprotocol()
                            + ": "
                            + first.getMessage()
                            + "; "
                            + (tunnel ? PortForwardStreams.NAME : PortForwardMessages.NAME)
                            + ": "
                            + second.getMessage(),
                    second);
        }
    }

    /**
     * {@code v4.channel.k8s.io} is what all kubelets know; where the API server, or a proxy before
     * it, does not let it pass, the tunnel may get through, which kubectl uses since 1.31.
     */
    private ByteChannel forward(String namespace, String pod, int port, boolean tunnel)
            throws IOException {
        String path = portForward(namespace, pod);
        StreamPlace place =
                new StreamPlace(
                        namespace + "/" + pod + ":" + port,
                        // In the tunnel each stream says for which port it is.
                        tunnel ? path : path + "?ports=" + port,
                        "pod",
                        RIGHT);
        return open(place, tunnel ? new PortForwardStreams(port) : new PortForwardMessages());
    }

    @Override
    public ByteChannel webSocket(String path, String subprotocol) throws IOException {
        if (path.length() > MAX_PATH_CHARS || !PATH.matcher(path).matches()) {
            throw new IOException("no path of the API server: " + Failures.oneLine(path));
        }
        StreamPlace place = new StreamPlace(path, path, "path", "get on it is needed");
        return open(place, new Subprotocol.Bytes(subprotocol));
    }

    private ByteChannel open(StreamPlace place, Subprotocol subprotocol) throws IOException {
        var channel = new WebSocketChannel(subprotocol, open::remove);
        open.put(channel, channel::close);
        try {
            requireOpen();
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPEN_TIMEOUT_SECONDS);
            connect(channel, subprotocol.name(), place, deadlineNs);
            if (!channel.awaitReady(deadlineNs - System.nanoTime())) {
                throw notInTime(place, null);
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        } catch (InterruptedException e) {
            channel.close();
            throw interrupted(place, e);
        }
    }

    private void connect(
            WebSocket.Listener listener, String subprotocol, StreamPlace place, long deadlineNs)
            throws IOException {
        String base = client.getMasterUrl().toString().replaceAll("/+$", "");
        CompletableFuture<WebSocket> opening =
                client.getHttpClient()
                        .newWebSocketBuilder()
                        .uri(URI.create(base + place.pathAndQuery()))
                        .subprotocol(subprotocol)
                        .connectTimeout(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .buildAsync(listener);
        try {
            opening.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw Refusal.of(cause).told(place, subprotocol);
        } catch (TimeoutException e) {
            opening.cancel(true);
            throw notInTime(place, e);
        } catch (InterruptedException e) {
            opening.cancel(true);
            throw interrupted(place, e);
        }
    }

    private static IOException notInTime(StreamPlace place, @Nullable Throwable cause) {
        return new IOException("the API server did not open " + place.name() + " in time", cause);
    }

    private static IOException interrupted(StreamPlace place, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted while opening " + place.name(), cause);
    }

    @Override
    public void close() {
        closed = true;
        open.values().forEach(Runnable::run);
    }
}
