package tp.incluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/** Answers what it was told to answer, and remembers what it was asked. Loopback only. */
final class FakeApi implements AutoCloseable {

    /** One request: its method, path with query, bearer and body. */
    record Request(String method, String path, String authorization, String body) {}

    /** Answers one request. */
    interface Handler {
        void handle(Request request, Answer answer) throws IOException;
    }

    /** The ways to answer. */
    static final class Answer {
        private final HttpExchange exchange;

        private Answer(HttpExchange exchange) {
            this.exchange = exchange;
        }

        void json(int status, String json) throws IOException {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }

        OutputStream stream() throws IOException {
            exchange.sendResponseHeaders(200, 0);
            return exchange.getResponseBody();
        }
    }

    private final HttpServer server;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Path token;

    FakeApi(Path directory) throws IOException {
        token = Files.writeString(directory.resolve("token"), "first\n");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** Answers requests whose method and path begin so; the longest beginning wins. */
    FakeApi on(String beginning, Handler handler) {
        handlers.put(beginning, handler);
        return this;
    }

    FakeApi on(String beginning, int status, String json) {
        return on(beginning, (request, answer) -> answer.json(status, json));
    }

    Queue<Request> requests() {
        return requests;
    }

    void token(String text) throws IOException {
        Files.writeString(token, text);
    }

    ClusterApi api() {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new ClusterApi(
                new PodEnvironment(uri, token, token, "tp-system"),
                Duration.ofSeconds(2),
                Duration.ofMillis(20));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request =
                    new Request(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            exchange.getRequestHeaders().getFirst("Authorization"),
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
            requests.add(request);
            String line = request.method + " " + request.path;
            String beginning =
                    handlers.keySet().stream()
                            .filter(line::startsWith)
                            .reduce("", (a, b) -> a.length() > b.length() ? a : b);
            Handler handler = handlers.get(beginning);
            Answer answer = new Answer(exchange);
            if (handler == null) {
                answer.json(404, "{\"kind\":\"Status\",\"message\":\"not found\",\"code\":404}");
            } else {
                handler.handle(request, answer);
            }
        }
    }
}
