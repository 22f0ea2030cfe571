package tp.sandbox.api;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Change;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.WatchEvent;

/** Watches over HTTP, as a stream of lines or as a websocket's messages. */
final class Watches {

    private static final Duration DEFAULT_LIFE = Duration.ofMinutes(45);
    private static final long BOOKMARK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(20);

    private final ObjectStore store;

    Watches(ObjectStore store) {
        this.store = store;
    }

    /** One watch and how its client wants to hear of things. */
    private record Watched(
            ResourceType type,
            String namespace,
            Predicate<JsonNode> selector,
            Request request,
            Exchange.Sink sink) {

        boolean concerns(JsonNode object) {
            return (namespace.isEmpty() || Meta.namespace(object).equals(namespace))
                    && selector.test(object);
        }

        void send(String kind, ObjectNode object) throws IOException {
            JsonNode shown = object;
            if (Tables.isWanted(request) && !kind.equals("ERROR") && !kind.equals("BOOKMARK")) {
                String version = Meta.resourceVersion(object);
                shown = Tables.of(type, request, List.of(object), version);
            } else if (request.header("Accept").contains("as=PartialObjectMetadata")
                    && !kind.equals("ERROR")) {
                shown = Tables.metadataOnly(object);
            }
            ObjectNode event = Meta.newObject().put("type", kind);
            event.set("object", shown);
            byte[] line = Json.bytes(event);
            byte[] ended = java.util.Arrays.copyOf(line, line.length + 1);
            ended[line.length] = '\n';
            sink.send(ended);
        }
    }

    void serve(Exchange exchange, ResourceType type, String namespace) throws IOException {
        Request request = exchange.request();
        Predicate<JsonNode> selector = Selectors.of(type, request);
        long after = startVersion(request);
        Exchange.Sink sink =
                request.wantsWebSocket()
                        ? exchange.webSocket(true)
                        : exchange.stream("application/json");
        Watched watched = new Watched(type, namespace, selector, request, sink);
        try {
            follow(watched, after < 0 ? sendPresent(watched) : after);
        } catch (ApiException e) {
            watched.send("ERROR", e.status().toJson());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        sink.end();
    }

    /** {@return the version to start behind, negative to begin with what there is} */
    private long startVersion(Request request) {
        String text = request.parameter("resourceVersion");
        if (text.isEmpty() || text.equals("0") || request.flag("sendInitialEvents")) {
            return -1;
        }
        long version;
        try {
            version = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiException.badRequest(
                    "Invalid value: \"%s\": invalid resource version".formatted(text));
        }
        long current = store.version();
        if (version > current) {
            throw ApiException.plain(
                    504,
                    "Timeout",
                    "Too large resource version: %d, current: %d".formatted(version, current));
        }
        return version;
    }

    private long sendPresent(Watched watched) throws IOException {
        ObjectStore.Snapshot snapshot = store.snapshot(watched.type(), watched.namespace());
        for (ObjectNode object : snapshot.objects()) {
            if (watched.concerns(object)) {
                watched.send("ADDED", object);
            }
        }
        if (watched.request().flag("sendInitialEvents")) {
            ObjectNode bookmark = bookmark(watched.type(), snapshot.version());
            Meta.of(bookmark).putObject("annotations").put("k8s.io/initial-events-end", "true");
            watched.send("BOOKMARK", bookmark);
        }
        return snapshot.version();
    }

    private void follow(Watched watched, long from) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + life(watched.request()).toNanos();
        boolean bookmarks = watched.request().flag("allowWatchBookmarks");
        long version = from;
        while (true) {
            long leftNs = endNs - System.nanoTime();
            if (leftNs <= 0) {
                return;
            }
            long before = store.version();
            List<Change> changes =
                    store.changesAfter(
                            watched.type(), version, Math.min(leftNs, BOOKMARK_INTERVAL_NS));
            for (Change change : changes) {
                send(watched, change);
                version = change.version();
            }
            if (changes.isEmpty() && bookmarks) {
                version = Math.max(version, before);
                watched.send("BOOKMARK", bookmark(watched.type(), version));
            }
        }
    }

    private static Duration life(Request request) {
        String seconds = request.parameter("timeoutSeconds");
        try {
            return seconds.isEmpty() || seconds.equals("0")
                    ? DEFAULT_LIFE
                    : Duration.ofSeconds(Long.parseLong(seconds));
        } catch (NumberFormatException e) {
            return DEFAULT_LIFE;
        }
    }

    /** An object that begins to match a selector is new to the client, one that ends to is gone. */
    private static void send(Watched watched, Change change) throws IOException {
        @Nullable ObjectNode previous = change.previous();
        boolean was = previous != null && watched.concerns(previous);
        boolean is = change.kind() != WatchEvent.Kind.DELETED && watched.concerns(change.object());
        if (is) {
            watched.send(was ? "MODIFIED" : "ADDED", change.object());
        } else if (was) {
            watched.send("DELETED", change.object());
        }
    }

    private static ObjectNode bookmark(ResourceType type, long version) {
        ObjectNode object =
                Meta.newObject().put("kind", type.kind()).put("apiVersion", type.apiVersion());
        Meta.of(object).put("resourceVersion", Long.toString(version)).putNull("creationTimestamp");
        return object;
    }
}
