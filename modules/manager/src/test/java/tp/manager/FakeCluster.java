package tp.manager;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import tp.incluster.PodEnvironment;

/** As much of an API server as the manager needs to start. Loopback only. */
final class FakeCluster implements AutoCloseable {

    private static final String CORE = "/api/v1/";

    private final HttpServer server;
    private final Path token;

    /** Lists by the last part of their path; each as JSON objects. */
    private final Map<String, List<String>> lists = new ConcurrentHashMap<>();

    private final FakeIssuer issuer = new FakeIssuer();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Map<String, String> stored = new ConcurrentHashMap<>();
    private final List<HttpExchange> watches = new CopyOnWriteArrayList<>();
    private final CountDownLatch podsAreListed = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    FakeCluster(Path directory) throws IOException {
        token = Files.writeString(directory.resolve("token"), "own");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    FakeCluster with(String kind, String... objects) {
        lists.put(kind, List.of(objects));
        return this;
    }

    PodEnvironment pod() {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new PodEnvironment(uri, token, token, "tp-system");
    }

    FakeIssuer issuer() {
        return issuer;
    }

    /** {@return each path that was asked for} */
    Set<String> asked() {
        return asked;
    }

    void listPods() {
        podsAreListed.countDown();
    }

    /** {@return the ConfigMap or Secret as it was written} */
    String stored(String path) {
        return stored.getOrDefault("/api/v1/namespaces/tp-system/" + path, "");
    }

    void addNamespace(String name) throws IOException {
        String event = "{\"type\":\"ADDED\",\"object\":" + object(name, "") + "}\n";
        for (HttpExchange watch : watches) {
            if (watch.getRequestURI().getPath().endsWith("/namespaces")) {
                watch.getResponseBody().write(event.getBytes(StandardCharsets.UTF_8));
                watch.getResponseBody().flush();
            }
        }
    }

    static String object(String name, String rest) {
        return "{\"metadata\":{\"name\":\"" + name + "\"}" + rest + "}";
    }

    static String object(String namespace, String name, String rest) {
        return "{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\"},%s}"
                .formatted(namespace, name, rest);
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String kind = path.substring(path.lastIndexOf('/') + 1);
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(path);
            if (path.equals("/.well-known/openid-configuration")) {
                json(exchange, 200, "{\"issuer\":\"" + FakeIssuer.URL + "\"}");
            } else if (path.equals("/openid/v1/jwks")) {
                json(exchange, 200, issuer.keys());
            } else if (path.startsWith(CORE + "namespaces/tp-system/")) {
                own(exchange, path, body);
            } else if (kind.equals("tokenreviews")) {
                json(exchange, 201, tokenReview(body));
            } else if (kind.endsWith("subjectaccessreviews")) {
                boolean allowed = !body.contains("\"namespace\":\"secret\"");
                json(exchange, 201, "{\"status\":{\"allowed\":" + allowed + "}}");
            } else if (query.contains("watch=1")) {
                watch(exchange);
            } else if (query.contains("fieldSelector")) {
                json(exchange, 200, "{\"items\":[]}");
            } else {
                list(exchange, kind);
            }
        }
    }

    private void list(HttpExchange exchange, String kind) throws IOException {
        if (kind.equals("servicecidrs")) {
            json(exchange, 404, "{\"message\":\"the server could not find it\"}");
            return;
        }
        if (kind.equals("pods")) {
            await(podsAreListed);
        }
        String items = String.join(",", lists.getOrDefault(kind, List.of()));
        json(exchange, 200, "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[" + items + "]}");
    }

    private void watch(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        watches.add(exchange);
        await(end);
    }

    private void own(HttpExchange exchange, String path, String body) throws IOException {
        switch (exchange.getRequestMethod()) {
            case "GET" -> {
                String object = stored.get(path);
                json(exchange, object == null ? 404 : 200, object == null ? "{}" : object);
            }
            case "POST" -> {
                String name = body.replaceAll("(?s).*?\"name\":\"([^\"]+)\".*", "$1");
                boolean isNew = stored.putIfAbsent(path + "/" + name, body) == null;
                json(exchange, isNew ? 201 : 409, isNew ? body : "{}");
            }
            default -> {
                stored.put(path, body);
                json(exchange, 200, body);
            }
        }
    }

    private static String tokenReview(String body) {
        String audience = body.replaceAll("(?s).*\"audiences\":\\[\"([^\"]+)\"\\].*", "$1");
        return "{\"status\":{\"authenticated\":true,\"audiences\":[\"%s\"],".formatted(audience)
                + "\"user\":{\"username\":\"system:serviceaccount:tp-system:tp-client\"}}}";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void json(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
