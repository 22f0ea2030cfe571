package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
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

    ApiStreams(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Where a stream goes.
     *
     * @param name in messages to people
     * @param pathAndQuery for the API server
     * @param kind what there is not where the API server does not know it
     * @param right what is needed to open it
     */
    private record Place(String name, String pathAndQuery, String kind, String right) {}

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(pod).matches()) {
            throw new IOException("no name of a pod: " + namespace + "/" + pod);
        }
        if (port < 1 || port > 65_535) {
            throw new IOException("no port: " + port);
        }
        Place place =
                new Place(
                        namespace + "/" + pod + ":" + port,
                        "/api/v1/namespaces/"
                                + namespace
                                + "/pods/"
                                + pod
                                + "/portforward?ports="
                                + port,
                        "pod",
                        "get and create on pods/portforward are needed");
        return open(place, new PortForwardMessages());
    }

    @Override
    public ByteChannel webSocket(String path, String subprotocol) throws IOException {
        if (path.length() > MAX_PATH_CHARS || !PATH.matcher(path).matches()) {
            throw new IOException("no path of the API server: " + Failures.oneLine(path));
        }
        Place place = new Place(path, path, "path", "get on it is needed");
        return open(place, new Subprotocol.Bytes(subprotocol));
    }

    private ByteChannel open(Place place, Subprotocol subprotocol) throws IOException {
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

    private void connect(WebSocketChannel channel, String subprotocol, Place place)
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
        try {
            opening.get(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw refused(place, e.getCause() == null ? e : e.getCause());
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

    private static IOException refused(Place place, Throwable cause) {
        if (!(cause instanceof WebSocketHandshakeException handshake)) {
            return new IOException(
                    "no connection to " + place.name() + ": " + Failures.oneLine(cause), cause);
        }
        String where = place.name();
        int status = handshake.getResponse().code();
        return new IOException(
                switch (status) {
                    case 401 -> "the API server refused the credentials (401)";
                    case 403 ->
                            "the API server refused to open " + where + " (403): " + place.right();
                    case 404 -> "there is no such " + place.kind() + ": " + where + " (404)";
                    case 502, 503, 504 ->
                            "nothing answers at " + where + " (status " + status + ")";
                    default -> "the API server did not open " + where + " (status " + status + ")";
                },
                cause);
    }
}
