package tp.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tp.spi.common.TpException;

/**
 * Lists the objects of a path, then follows their changes, and begins again where the thread is
 * lost. One virtual thread, on which the listener is called.
 *
 * @param <T> what is kept of an object
 */
final class ResourceWatch<T> implements AutoCloseable {

    /**
     * What is followed.
     *
     * @param doing what is done, to follow "not allowed to"
     * @param path of the list, from its first slash on
     * @param parser gives what is kept of an object, empty where that is nothing
     */
    record Resource<T>(String doing, String path, Function<JsonNode, Optional<T>> parser) {}

    /** Told of all objects by their names; must not block for long. */
    interface Listener<T> {

        /** These are all; what was known before is no more. */
        void replaced(Map<String, T> all);

        /** One is new, or another than before, or, where it is empty, no more. */
        void changed(String name, Optional<T> object);

        /**
         * They cannot be listed now; it is tried again each second.
         *
         * @param sinceNs when this attempt began
         */
        void failed(long sinceNs, TpException why);
    }

    private static final System.Logger LOG = System.getLogger(ResourceWatch.class.getName());
    private static final JsonMapper JSON = new JsonMapper();

    private static final int PAGE = 250;
    private static final int MAX_EVENT_BYTES = 4 << 20;

    /** Short, because a watch over a connection that died silently looks like a quiet one. */
    private static final int WATCH_SECONDS = 60;

    private static final int OPEN_SECONDS = 9;

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Api api;
    private final Pace pace;
    private final Resource<T> resource;
    private final Listener<T> listener;
    private final Thread thread;
    private volatile boolean closed;
    private volatile Optional<BlockingQueue<Chunk>> following = Optional.empty();

    /** When the last attempt to list or to watch began; of the thread. */
    private long triedAtNs;

    /** What the answer to a watch brings. */
    private sealed interface Chunk {
        record Bytes(List<ByteBuffer> bytes, AsyncBody body) implements Chunk {}

        record End(Optional<Throwable> cause) implements Chunk {}
    }

    ResourceWatch(Api api, Pace pace, Resource<T> resource, Listener<T> listener) {
        this.api = api;
        this.pace = pace;
        this.resource = resource;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("watch").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Lists anew soon: the connection is in doubt. */
    void doubt() {
        following.ifPresent(
                queue ->
                        queue.add(
                                new Chunk.End(
                                        Optional.of(new IOException("the API server is silent")))));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            long startNs = pace.nowNs();
            try {
                follow(list());
            } catch (TpException e) {
                failed(e);
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "{0}: {1}",
                        resource.doing(),
                        Failures.oneLine(e));
                pauseSince(startNs);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                failed(asBug(e));
            }
        }
    }

    private TpException asBug(RuntimeException e) {
        if (!closed) { // the client takes no calls any more once it is closed too
            LOG.log(System.Logger.Level.ERROR, resource.doing(), e);
        }
        return new TpException(TpException.Category.BUG, "could not " + resource.doing(), "", e);
    }

    private void failed(TpException why) {
        if (!closed) {
            listener.failed(triedAtNs, why);
            pause();
        }
    }

    /** What a list says. */
    private record Listing<T>(Map<String, T> objects, String version) {}

    /** A watch that was accepted. */
    private record Watching(BlockingQueue<Chunk> chunks, AsyncBody body) {}

    private Watching begun(String version) throws InterruptedException {
        try {
            return open(version);
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.TRANSIENT,
                    "could not " + resource.doing() + ": " + Failures.oneLine(e),
                    "try again",
                    e);
        }
    }

    /** Ends only by an exception: when the thread is lost. */
    private void follow(Listing<T> listing) throws IOException, InterruptedException {
        String version = listing.version();
        Watching watching = begun(version);
        try {
            // Not before: whoever may list and not watch has nothing that stays true.
            listener.replaced(listing.objects());
            while (!closed) {
                long startNs = pace.nowNs();
                following = Optional.of(watching.chunks());
                watching.body().consume();
                version = events(watching.chunks(), version);
                following = Optional.empty();
                pauseSince(startNs);
                watching = open(version);
            }
        } finally {
            following = Optional.empty();
            watching.body().cancel();
        }
    }

    /** So that a server that ends each watch at once is not asked all the time. */
    private void pauseSince(long startNs) {
        if (pace.nowNs() - startNs < PAUSE.toNanos()) {
            pause();
        }
    }

    private void pause() {
        try {
            pace.pause(PAUSE);
        } catch (TpException e) {
            // It was interrupted, which only ends it.
        }
    }

    /** Page by page: the JSON of all of them can be far more than what is kept. */
    private Listing<T> list() {
        triedAtNs = pace.nowNs();
        Map<String, T> all = new HashMap<>();
        String next = "";
        String version;
        do {
            JsonNode page = page(next);
            page.path("items")
                    .valueStream()
                    .forEach(
                            one ->
                                    resource.parser()
                                            .apply(one)
                                            .ifPresent(kept -> all.put(name(one), kept)));
            version = page.at("/metadata/resourceVersion").asString("");
            next = page.at("/metadata/continue").asString("");
        } while (!next.isEmpty());
        return new Listing<>(all, version.isEmpty() ? "0" : version);
    }

    private JsonNode page(String from) {
        String query = "?limit=" + PAGE + (from.isEmpty() ? "" : "&continue=" + encoded(from));
        return api.read(resource.doing(), resource.path() + query)
                .orElseThrow(
                        () ->
                                TpException.environment(
                                        "could not " + resource.doing() + ": there is no such list",
                                        "see what 'kubectl' says of the same server"));
    }

    private static String name(JsonNode object) {
        return TableObjects.name(object).name();
    }

    /**
     * @throws TpException where the user may not
     * @throws IOException where the thread is lost
     */
    private Watching open(String from) throws IOException, InterruptedException {
        triedAtNs = pace.nowNs();
        BlockingQueue<Chunk> chunks = new LinkedBlockingQueue<>();
        HttpClient http = api.client().getHttpClient();
        String base = api.client().getMasterUrl().toString().replaceAll("/+$", "");
        String query =
                "?watch=1&allowWatchBookmarks=true&timeoutSeconds="
                        + WATCH_SECONDS
                        + "&resourceVersion="
                        + encoded(from);
        CompletableFuture<HttpResponse<AsyncBody>> asked =
                http.consumeBytes(
                        http.newHttpRequestBuilder()
                                .uri(base + resource.path() + query)
                                .forStreaming()
                                .build(),
                        (bytes, body) -> chunks.add(new Chunk.Bytes(bytes, body)));
        HttpResponse<AsyncBody> answer;
        try {
            answer = asked.get(OPEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            abandon(asked);
            throw new IOException("no watch: " + Failures.oneLine(e), e);
        } catch (InterruptedException e) {
            abandon(asked);
            throw e;
        }
        answer.body()
                .done()
                .whenComplete(
                        (done, cause) -> chunks.add(new Chunk.End(Optional.ofNullable(cause))));
        if (answer.code() != 200) {
            answer.body().cancel();
            throw refused(answer.code());
        }
        return new Watching(chunks, answer.body());
    }

    /** An answer that comes later is cancelled by the client; one that has come meanwhile here. */
    private static void abandon(CompletableFuture<HttpResponse<AsyncBody>> asked) {
        if (!asked.cancel(false)) {
            asked.whenComplete(
                    (answer, cause) -> {
                        if (answer != null) {
                            answer.body().cancel();
                        }
                    });
        }
    }

    private IOException refused(int status) {
        if (status == 401 || status == 403) {
            throw TpException.environment(
                    "not allowed to "
                            + resource.doing()
                            + ": the watch was refused ("
                            + status
                            + ")",
                    "ask an administrator of the cluster for that right (docs/rbac.md)");
        }
        return new IOException("the watch was answered with status " + status);
    }

    /** {@return the version of the last event, when the server ended the watch} */
    private String events(BlockingQueue<Chunk> chunks, String from)
            throws IOException, InterruptedException {
        String version = from;
        ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WATCH_SECONDS + 15);
        while (true) {
            Chunk chunk = chunks.poll(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            switch (chunk) {
                case Chunk.Bytes read -> {
                    for (ByteBuffer bytes : read.bytes()) {
                        version = lines(bytes, line, version);
                    }
                    read.body().consume();
                }
                case Chunk.End end -> {
                    if (end.cause().isPresent()) {
                        Throwable cause = end.cause().get();
                        throw new IOException(Failures.oneLine(cause), cause);
                    }
                    return version;
                }
                case null -> throw new IOException("the watch did not end when it should have");
            }
        }
    }

    private String lines(ByteBuffer bytes, ByteArrayOutputStream line, String before)
            throws IOException {
        String version = before;
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next != '\n') {
                if (line.size() == MAX_EVENT_BYTES) {
                    throw new IOException("an event is longer than " + MAX_EVENT_BYTES + " bytes");
                }
                line.write(next);
            } else if (line.size() > 0) {
                version = event(line.toByteArray(), version);
                line.reset();
            }
        }
        return version;
    }

    private String event(byte[] json, String before) throws IOException {
        JsonNode event;
        try {
            event = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IOException("an event is no JSON", e);
        }
        JsonNode object = event.path("object");
        switch (event.path("type").asString("")) {
            case "ADDED", "MODIFIED" ->
                    listener.changed(name(object), resource.parser().apply(object));
            case "DELETED" -> listener.changed(name(object), Optional.empty());
            case "BOOKMARK" -> {
                // Only its version counts.
            }
            // 410 where the version is too old by now: it is listed anew.
            default -> throw new IOException(object.path("message").asString("an error"));
        }
        String version = object.at("/metadata/resourceVersion").asString("");
        return version.isEmpty() ? before : version;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
