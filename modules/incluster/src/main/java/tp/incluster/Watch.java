package tp.incluster;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Lists a kind, then follows its changes, and begins again where the thread is lost: the API server
 * ends a watch now and then, and forgets old versions (410 Gone). One virtual thread.
 */
final class Watch<T extends ClusterObject> implements Subscription {

    private static final System.Logger LOG = System.getLogger(Watch.class.getName());

    private static final int PAGE = 250;
    private static final int MAX_EVENT_BYTES = 4 << 20;

    /** Short, because a watch over a connection that died silently looks like a quiet one. */
    private static final int WATCH_SECONDS = 120;

    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(30);

    private final HttpCalls calls;
    private final ResourceKind<T> kind;
    private final WatchListener<T> listener;
    private final long firstBackOffMillis;
    private final Thread thread;
    private volatile boolean closed;

    Watch(HttpCalls calls, ResourceKind<T> kind, WatchListener<T> listener, Duration firstBackOff) {
        this.calls = calls;
        this.kind = kind;
        this.listener = listener;
        this.firstBackOffMillis = firstBackOff.toMillis();
        this.thread = Thread.ofVirtual().name("tp-watch-" + kind).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        long backOffMillis = firstBackOffMillis;
        String version = "";
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list();
                }
                version = follow(version);
                backOffMillis = firstBackOffMillis;
                continue;
            } catch (ApiException e) {
                version = "";
                if (e.isDenied()) {
                    listener.denied(e);
                    backOffMillis = MAX_BACK_OFF.toMillis();
                } else if (e.status() != 410) {
                    complain(e);
                }
            } catch (IOException | RuntimeException e) {
                version = "";
                complain(e);
            }
            pause(backOffMillis);
            backOffMillis = Math.min(2 * backOffMillis, MAX_BACK_OFF.toMillis());
        }
    }

    private void complain(Exception e) {
        if (!closed) {
            LOG.log(System.Logger.Level.WARNING, "watch of {0}: {1}", kind, e.getMessage());
        }
    }

    /** {@return the version of the list} */
    private String list() throws IOException {
        List<T> all = new ArrayList<>();
        String next = "";
        String version;
        do {
            String path = kind.path() + "?limit=" + PAGE;
            JsonNode page =
                    calls.read(
                            next.isEmpty()
                                    ? path
                                    : path
                                            + "&continue="
                                            + URLEncoder.encode(next, StandardCharsets.UTF_8));
            page.path("items").values().forEach(item -> kind.parse(item).ifPresent(all::add));
            version = ResourceKind.text(page.path("metadata").path("resourceVersion"));
            next = ResourceKind.text(page.path("metadata").path("continue"));
        } while (!next.isEmpty());
        listener.replaced(List.copyOf(all));
        return version.isEmpty() ? "0" : version;
    }

    /** {@return the version of the last event, when the server ended the watch} */
    private String follow(String from) throws IOException {
        String path =
                kind.path()
                        + "?watch=1&allowWatchBookmarks=true&timeoutSeconds="
                        + WATCH_SECONDS
                        + "&resourceVersion="
                        + URLEncoder.encode(from, StandardCharsets.UTF_8);
        String version = from;
        try (InputStream body = new BufferedInputStream(calls.stream(path), 1 << 16)) {
            Thread watchdog = closeLater(body);
            try {
                for (byte[] line = line(body); line != null; line = line(body)) {
                    if (line.length > 0) {
                        version = event(HttpCalls.parse(line), version);
                    }
                }
            } finally {
                watchdog.interrupt();
            }
        }
        return version;
    }

    /** The HTTP client has no bound for the time between two bytes. */
    private static Thread closeLater(InputStream body) {
        return Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                Thread.sleep(Duration.ofSeconds(WATCH_SECONDS + 15));
                                body.close();
                            } catch (IOException | InterruptedException e) {
                                return; // the watch ended by itself
                            }
                        });
    }

    private String event(JsonNode event, String version) throws IOException {
        JsonNode object = event.path("object");
        switch (ResourceKind.text(event.path("type"))) {
            case "ADDED", "MODIFIED" -> kind.parse(object).ifPresent(listener::changed);
            case "DELETED" -> kind.parse(object).ifPresent(listener::removed);
            case "BOOKMARK" -> {} // only its version counts
            default ->
                    throw new ApiException(
                            object.path("code").asInt(500),
                            ResourceKind.text(object.path("message")));
        }
        String now = ResourceKind.text(object.path("metadata").path("resourceVersion"));
        return now.isEmpty() ? version : now;
    }

    private static byte @Nullable [] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return line.size() == 0 ? null : line.toByteArray();
            }
            if (line.size() == MAX_EVENT_BYTES) {
                throw new IOException("an event is longer than " + MAX_EVENT_BYTES + " bytes");
            }
            line.write(next);
        }
        return line.toByteArray();
    }

    private void pause(long millis) {
        try {
            // Half of it is random: many watches must not come back at the same moment.
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
