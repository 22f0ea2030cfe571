package tp.kube;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tp.testkit.MemoryPipe;
import tp.testkit.Peer;

/**
 * An API server that knows the answers it was given, forwards the port of one pod, and passes one
 * websocket on.
 */
final class FakeApiServer implements AutoCloseable {

    static final String POD = "/api/v1/namespaces/tp-system/pods/tp-manager-0/portforward";
    static final String PROXIED =
            "/api/v1/namespaces/tp-system/services/https:tp-manager:websocket/proxy/tp";
    static final String PROXIED_PROTOCOL = "tp.v1";

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final boolean tls;
    private final Map<String, Function<String, Answer>> answers = new ConcurrentHashMap<>();
    private final Map<String, Function<String, Answer>> queries = new ConcurrentHashMap<>();
    private final Map<String, Consumer<HttpServerRequest>> held = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile boolean applies;
    private volatile int webSocketStatus = 404;
    private final AtomicReference<@Nullable Peer> peer = new AtomicReference<>();

    record Answer(int status, String json) {}

    record Asked(String method, String uri, String authorization, String body) {}

    FakeApiServer() throws Exception {
        this(new HttpServerOptions());
    }

    FakeApiServer(HttpServerOptions base) throws Exception {
        tls = base.isSsl();
        var options =
                base.setHost("127.0.0.1")
                        .setPort(0)
                        .addWebSocketSubProtocol(PortForwardMessages.NAME)
                        .addWebSocketSubProtocol(PROXIED_PROTOCOL);
        server =
                vertx.createHttpServer(options)
                        .requestHandler(this::answer)
                        .webSocketHandshakeHandler(
                                shake -> {
                                    if (peer.get() != null
                                            && List.of(POD + "?ports=8443", PROXIED)
                                                    .contains(shake.uri())) {
                                        shake.accept();
                                    } else {
                                        shake.reject(webSocketStatus);
                                    }
                                })
                        .webSocketHandler(this::forward)
                        .listen()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
        on("GET", "/version", 200, "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.0\"}");
    }

    String url() {
        return (tls ? "https" : "http") + "://127.0.0.1:" + server.actualPort();
    }

    void on(String method, String path, int status, String json) {
        on(method, path, body -> new Answer(status, json));
    }

    /** Of requests whose query begins so; the function is given the query. */
    void onQuery(String path, String start, Function<String, Answer> answer) {
        queries.put(path + "?" + start, answer);
    }

    /** Requests whose query begins so are answered by nobody else. */
    void hold(String path, String start, Consumer<HttpServerRequest> whoAnswers) {
        held.put(path + "?" + start, whoAnswers);
    }

    void on(String method, String path, Function<String, Answer> answer) {
        answers.put(method + " " + path, answer);
    }

    /**
     * Answers reviews of somebody's own rights.
     *
     * @param allowed of the body of a review
     */
    void reviews(Predicate<String> allowed) {
        on(
                "POST",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                body ->
                        new Answer(
                                201,
                                "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"status\":{\"allowed\":%s}}"
                                        .formatted(allowed.test(body))));
    }

    /** Takes server-side applies that are not answered otherwise: gives back what was applied. */
    void takeApplies() {
        applies = true;
    }

    /** From now on the pod's port, and the websocket that is passed on, are served by that. */
    void listen(Peer newPeer) {
        peer.set(newPeer);
    }

    List<Asked> asked() {
        return asked;
    }

    /** From now on websockets to nobody are answered so. */
    void answerWebSockets(int status) {
        webSocketStatus = status;
    }

    static String failure(int code, String reason, String message) {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":"
                + code
                + ",\"reason\":\""
                + reason
                + "\",\"message\":\""
                + message
                + "\"}";
    }

    private void answer(HttpServerRequest request) {
        request.body()
                .onSuccess(
                        body -> {
                            String path = String.valueOf(request.path());
                            String header = request.getHeader("Authorization");
                            asked.add(
                                    new Asked(
                                            request.method().name(),
                                            request.uri(),
                                            header == null ? "" : header,
                                            body.toString()));
                            Optional<Consumer<HttpServerRequest>> other =
                                    byQuery(held, request.uri());
                            if (other.isPresent()) {
                                other.get().accept(request);
                                return;
                            }
                            Answer answer =
                                    byQuery(queries, request.uri())
                                            .map(one -> one.apply(request.uri()))
                                            .orElseGet(
                                                    () ->
                                                            answers.getOrDefault(
                                                                            request.method()
                                                                                    + " "
                                                                                    + path,
                                                                            sent ->
                                                                                    otherwise(
                                                                                            request.method()
                                                                                                    .name(),
                                                                                            path,
                                                                                            sent))
                                                                    .apply(body.toString()));
                            request.response()
                                    .setStatusCode(answer.status())
                                    .putHeader("Content-Type", "application/json")
                                    .end(answer.json());
                        });
    }

    private static <T> Optional<T> byQuery(Map<String, T> each, String uri) {
        return each.entrySet().stream()
                .filter(one -> uri.startsWith(one.getKey()))
                .findFirst()
                .map(Map.Entry::getValue);
    }

    private Answer otherwise(String method, String path, String body) {
        if (applies && method.equals("PATCH")) {
            return new Answer(200, body);
        }
        return new Answer(404, failure(404, "NotFound", path + " not found"));
    }

    /**
     * As a kubelet does for a pod's port: names the port on both channels, copies, closes at the
     * first end. What is passed on is bytes only.
     */
    private void forward(ServerWebSocket socket) {
        boolean channels = PortForwardMessages.NAME.equals(socket.subProtocol());
        var pipe = new MemoryPipe(64 << 10);
        BlockingQueue<Buffer> toPod = new LinkedBlockingQueue<>();
        socket.pause();
        socket.binaryMessageHandler(
                message -> {
                    socket.pause();
                    toPod.add(message);
                });
        socket.closeHandler(ignored -> toPod.add(Buffer.buffer()));
        Thread.ofVirtual().start(() -> copyToPod(socket, toPod, pipe.left(), channels ? 1 : 0));
        Thread.ofVirtual().start(() -> copyFromPod(socket, pipe, channels));
        socket.fetch(1);
    }

    private void copyToPod(
            ServerWebSocket socket, BlockingQueue<Buffer> toPod, ByteChannel pod, int prefix) {
        try (pod) {
            while (true) {
                Buffer message = toPod.take();
                if (message.length() == 0) {
                    return;
                }
                if (prefix > 0 && message.getByte(0) != 0) {
                    throw new IOException("message for channel " + message.getByte(0));
                }
                pod.write(ByteBuffer.wrap(message.getBytes(prefix, message.length())));
                socket.fetch(1);
            }
        } catch (IOException | InterruptedException e) {
            // The other direction tells the client.
        }
    }

    private void copyFromPod(ServerWebSocket socket, MemoryPipe pipe, boolean channels) {
        var serving = new AtomicReference<@Nullable IOException>();
        Thread pod = Thread.ofVirtual().start(() -> serve(pipe, serving));
        try {
            for (byte channel = 0; channels && channel < 2; channel++) {
                send(socket, Buffer.buffer(new byte[] {channel, (byte) 0xfb, 0x20}));
            }
            ByteBuffer buffer = ByteBuffer.allocate(32 << 10);
            while (pipe.left().read(buffer.clear()) >= 0) {
                send(socket, message(channels, (byte) 0, buffer.flip()));
            }
            pod.join();
            IOException broken = serving.get();
            if (broken != null && channels) {
                String text = "error forwarding port 8443: " + broken.getMessage();
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                send(socket, message(true, (byte) 1, bytes));
            }
            socket.close((short) (broken == null || channels ? 1000 : 1011));
        } catch (IOException | ExecutionException | InterruptedException e) {
            socket.close((short) 1011);
        }
    }

    private void serve(MemoryPipe pipe, AtomicReference<@Nullable IOException> failure) {
        Peer serving = peer.get();
        try (ByteChannel stream = pipe.right()) {
            if (serving != null) {
                serving.serve(stream);
            }
        } catch (IOException e) {
            failure.set(e);
        }
    }

    private static Buffer message(boolean channels, byte channel, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        Buffer message = Buffer.buffer();
        return (channels ? message.appendByte(channel) : message).appendBytes(copy);
    }

    private static void send(ServerWebSocket socket, Buffer message)
            throws ExecutionException, InterruptedException {
        socket.writeBinaryMessage(message).toCompletionStage().toCompletableFuture().get();
    }

    @Override
    public void close() {
        vertx.close();
    }
}
