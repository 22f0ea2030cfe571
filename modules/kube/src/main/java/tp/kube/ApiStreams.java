package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ByteChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
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

    private final KubernetesClient client;
    private final Set<WebSocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** What was agreed on last: the next connection begins with it. */
    private volatile boolean tunnels;

    ApiStreams(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(pod).matches()) {
            throw new IOException("no name of a pod: " + namespace + "/" + pod);
        }
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
        String path = "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/portforward";
        StreamPlace place =
                new StreamPlace(
                        namespace + "/" + pod + ":" + port,
                        // In the tunnel each stream says for which port it is.
                        tunnel ? path : path + "?ports=" + port,
                        "pod",
                        "get and create on pods/portforward are needed");
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
        open.add(channel);
        try {
            if (closed) {
                throw new IOException("the connection to the cluster is closed");
            }
            connect(channel, subprotocol.name(), place);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void connect(WebSocketChannel channel, String subprotocol, StreamPlace place)
            throws IOException {
        String base = client.getMasterUrl().toString().replaceAll("/+$", "");
        CompletableFuture<WebSocket> opening =
                client.getHttpClient()
                        .newWebSocketBuilder()
                        .uri(URI.create(base + place.pathAndQuery()))
                        .subprotocol(subprotocol)
                        .connectTimeout(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .buildAsync(channel);
        String where = place.name();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPEN_TIMEOUT_SECONDS);
        try {
            opening.get(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (!channel.awaitReady(deadline - System.nanoTime())) {
                throw new IOException("the API server did not open " + where + " in time");
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw Refusal.of(cause).told(place, subprotocol);
        } catch (TimeoutException e) {
            opening.cancel(true);
            throw new IOException("the API server did not open " + where + " in time", e);
        } catch (InterruptedException e) {
            opening.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while opening " + where, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(WebSocketChannel::close);
    }
}
