package tp.incluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {

    private static final String LIST = "GET /api/v1/namespaces?limit=";
    private static final String WATCH = "GET /api/v1/namespaces?watch=1";

    @TempDir private Path directory;
    private FakeApi fake;
    private ClusterApi api;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);

    private final WatchListener<ClusterObject.Namespace> listener =
            new WatchListener<>() {
                @Override
                public void replaced(List<ClusterObject.Namespace> all) {
                    told.add("all" + all.stream().map(ClusterObject.Namespace::name).toList());
                }

                @Override
                public void changed(ClusterObject.Namespace object) {
                    told.add("+" + object.name());
                }

                @Override
                public void removed(ClusterObject.Namespace object) {
                    told.add("-" + object.name());
                }

                @Override
                public void denied(ApiException why) {
                    told.add("denied " + why.status());
                }
            };

    @BeforeEach
    void start() throws IOException {
        fake = new FakeApi(directory);
        api = fake.api();
    }

    @AfterEach
    void stop() {
        end.countDown();
        api.close();
        fake.close();
    }

    @Test
    void listsInPagesAndFollowsFromThere() throws Exception {
        fake.on(
                        LIST,
                        (request, answer) ->
                                answer.json(
                                        200,
                                        request.path().contains("continue=a%2Fb")
                                                ? list("8", "", "two")
                                                : list("8", "a/b", "one")))
                .on(
                        WATCH,
                        (request, answer) -> {
                            try (OutputStream out = answer.stream()) {
                                if (request.path().contains("resourceVersion=8")) {
                                    send(out, event("ADDED", "9", "three"));
                                    send(out, event("BOOKMARK", "12", "x"));
                                } else {
                                    send(out, event("DELETED", "13", "one"));
                                    await();
                                }
                            }
                        });

        try (Subscription watch = api.watch(ResourceKind.NAMESPACES, listener)) {
            assertThat(told(3)).containsExactly("all[one, two]", "+three", "-one");
            assertThat(watch).isNotNull();
        }
        assertThat(fake.requests())
                .filteredOn(request -> request.path().contains("watch=1"))
                .extracting(request -> request.path().replaceAll(".*resourceVersion=", ""))
                .startsWith("8", "12");
    }

    @Test
    void beginsAgainWhereTheVersionIsForgotten() throws Exception {
        AtomicInteger lists = new AtomicInteger();
        fake.on(
                        LIST,
                        (request, answer) ->
                                answer.json(200, list("1", "", "n" + lists.incrementAndGet())))
                .on(
                        WATCH,
                        (request, answer) -> {
                            if (lists.get() == 1) {
                                answer.json(410, "{\"message\":\"too old\"}");
                                return;
                            }
                            try (OutputStream out = answer.stream()) {
                                if (lists.get() == 2) {
                                    send(
                                            out,
                                            "{\"type\":\"ERROR\",\"object\":{\"code\":410,"
                                                    + "\"message\":\"too old\"}}\n");
                                } else if (lists.get() == 3) {
                                    send(out, "{\"type\":\n");
                                } else {
                                    await();
                                }
                            }
                        });

        try (Subscription watch = api.watch(ResourceKind.NAMESPACES, listener)) {
            assertThat(told(4)).containsExactly("all[n1]", "all[n2]", "all[n3]", "all[n4]");
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void aRefusalIsToldAndTroubleIsNot() throws Exception {
        AtomicInteger lists = new AtomicInteger();
        fake.on(
                LIST,
                (request, answer) -> answer.json(lists.incrementAndGet() == 1 ? 500 : 403, "{}"));

        try (Subscription watch = api.watch(ResourceKind.NAMESPACES, listener)) {
            assertThat(told(1)).containsExactly("denied 403");
            assertThat(watch).isNotNull();
        }
        assertThat(lists).hasValue(2);
    }

    private List<String> told(int count) throws InterruptedException {
        List<String> all = new java.util.ArrayList<>();
        while (all.size() < count) {
            String next = told.poll(5, TimeUnit.SECONDS);
            assertThat(next).as("after " + all).isNotNull();
            all.add(next);
        }
        return all;
    }

    private void await() {
        try {
            assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(OutputStream out, String line) throws IOException {
        out.write(line.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static String event(String type, String version, String name) {
        return "{\"type\":\"" + type + "\",\"object\":" + object(version, name) + "}\n";
    }

    private static String object(String version, String name) {
        return "{\"metadata\":{\"resourceVersion\":\"" + version + "\",\"name\":\"" + name + "\"}}";
    }

    private static String list(String version, String next, String name) {
        return "{\"metadata\":{\"resourceVersion\":\""
                + version
                + "\",\"continue\":\""
                + next
                + "\"},\"items\":["
                + object("1", name)
                + "]}";
    }
}
