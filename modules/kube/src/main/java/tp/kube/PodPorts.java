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

/** The {@code portforward} subresource of pods: one websocket for each connection. */
final class PodPorts implements ClusterAccess, AutoCloseable {

    /** Names are part of a path: only what Kubernetes allows (RFC 1123 §2.1, with dots). */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    private static final long OPEN_TIMEOUT_SECONDS = 15;

    private final KubernetesClient client;
    private final Set<PortForwardChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PodPorts(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        URI uri = uri(namespace, pod, port);
        var channel = new PortForwardChannel(open::remove);
        open.add(channel);
        try {
            if (closed) {
                throw new IOException("the connection to the cluster is closed");
            }
            connect(channel, uri, namespace + "/" + pod + ":" + port);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void connect(PortForwardChannel channel, URI uri, String where) throws IOException {
        CompletableFuture<WebSocket> opening =
                client.getHttpClient()
                        .newWebSocketBuilder()
                        .uri(uri)
                        .subprotocol(PortForwardChannel.SUBPROTOCOL)
                        .connectTimeout(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .buildAsync(channel);
        try {
            opening.get(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw refused(where, e.getCause() == null ? e : e.getCause());
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
        open.forEach(PortForwardChannel::close);
    }

    private URI uri(String namespace, String pod, int port) throws IOException {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(pod).matches()) {
            throw new IOException("no name of a pod: " + namespace + "/" + pod);
        }
        if (port < 1 || port > 65_535) {
            throw new IOException("no port: " + port);
        }
        String base = client.getMasterUrl().toString().replaceAll("/+$", "");
        return URI.create(
                base
                        + "/api/v1/namespaces/"
                        + namespace
                        + "/pods/"
                        + pod
                        + "/portforward?ports="
                        + port);
    }

    private static IOException refused(String where, Throwable cause) {
        if (cause instanceof WebSocketHandshakeException handshake) {
            return new IOException(
                    switch (handshake.getResponse().code()) {
                        case 401 -> "the API server refused the credentials (401)";
                        case 403 ->
                                "the API server refused to forward a port of "
                                        + where
                                        + " (403): get and create on pods/portforward are needed";
                        case 404 -> "there is no such pod: " + where + " (404)";
                        default ->
                                "the API server did not open "
                                        + where
                                        + " (status "
                                        + handshake.getResponse().code()
                                        + ")";
                    },
                    cause);
        }
        return new IOException("no connection to " + where + ": " + Failures.oneLine(cause), cause);
    }
}
