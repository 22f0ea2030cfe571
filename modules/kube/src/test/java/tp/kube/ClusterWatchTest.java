package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;

/** The table against an API server that answers each list and each watch with what it is told. */
@Timeout(60)
class ClusterWatchTest {

    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final String SLICES =
            "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

    private static final String TOO_OLD =
            "{\"code\": 410, \"message\": \"too old resource version\"}";
    private static final String VERSION = "{\"major\":\"1\",\"minor\":\"33\"}";

    /** What the watch has told, as text. */
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final PassingTime time = new PassingTime();
    private final List<ClusterWatch> opened = new ArrayList<>();
    private volatile boolean listenerFails;

    @TempDir private Path folder;
    private FakeApiServer server;
    private KubeCluster cluster;

    /** Whoever pauses waits until the test lets time pass. */
    private static final class PassingTime implements Pace {
        private long nowNs = TimeUnit.DAYS.toNanos(1);

        synchronized void pass(Duration time) {
            nowNs += time.toNanos();
            notifyAll();
        }

        @Override
        public synchronized long nowNs() {
            return nowNs;
        }

        @Override
        public synchronized void pause(Duration time) {
            long untilNs = nowNs + time.toNanos();
            try {
                while (nowNs < untilNs) {
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TpException(TpException.Category.TRANSIENT, "interrupted", "", e);
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = new FakeApiServer();
        cluster = Clusters.open(folder, server.url(), time);
        for (String path : List.of(PODS, SERVICES, SLICES)) {
            server.on("GET", path, 200, list("7"));
            // Ends at once, and is begun again after a pause.
            server.onQuery(path, "watch=1", uri -> new FakeApiServer.Answer(200, ""));
        }
    }

    @AfterEach
    void stop() throws Exception {
        opened.forEach(ClusterWatch::close);
        cluster.close();
        server.close();
    }

    private static String list(String version, String... items) {
        return "{\"metadata\": {\"resourceVersion\": \"%s\"}, \"items\": [%s]}"
                .formatted(version, String.join(", ", items));
    }

    private static String pod(String name, String phase, String version) {
        return "{\"metadata\": {\"namespace\": \"default\", \"name\": \"%s\", \"uid\": \"u\", \"resourceVersion\": \"%s\"}, \"status\": {\"phase\": \"%s\"}}"
                .formatted(name, version, phase);
    }

    private static String event(String type, String object) {
        return "{\"type\": \"%s\", \"object\": %s}\n".formatted(type, object);
    }

    private ClusterWatch watch() {
        ClusterWatch watch =
                cluster.watch(
                        List.of("default"),
                        new ClusterWatch.Listener() {
                            @Override
                            public void changed(ClusterTable table) {
                                if (listenerFails) {
                                    listenerFails = false;
                                    throw new IllegalStateException("a name that nobody expected");
                                }
                                told.add(
                                        table.pods().stream()
                                                .map(pod -> pod.name().name())
                                                .sorted()
                                                .toList()
                                                .toString());
                            }

                            @Override
                            public void lost(TpException why) {
                                told.add(why.line());
                            }
                        });
        opened.add(watch);
        return watch;
    }

    /** Lets time pass until that holds. */
    private void passUntil(BooleanSupplier condition) throws InterruptedException {
        for (int tries = 0; !condition.getAsBoolean(); tries++) {
            assertThat(tries).as("a quarter of a second each").isLessThan(200);
            time.pass(Duration.ofMillis(250));
            for (int looks = 0; looks < 100 && !condition.getAsBoolean(); looks++) {
                Thread.sleep(1);
            }
        }
    }

    private String next() throws InterruptedException {
        passUntil(() -> !told.isEmpty());
        return told.remove();
    }

    /** Waits for a line; what comes before is what was gathered less. */
    private void awaitLine(String line) throws InterruptedException {
        String last = next();
        while (!last.equals(line)) {
            last = next();
        }
    }

    /** The lists and the watches have the same paths; only watches have this in their query. */
    private void onPods(String listed, String watched) {
        server.onQuery(PODS, "watch=1", uri -> new FakeApiServer.Answer(200, watched));
        server.on("GET", PODS, 200, listed);
    }

    @Test
    void itTellsOfTheListsAndThenOfWhatChanges() throws Exception {
        onPods(
                list("7", pod("a", "Running", "5"), pod("pending", "Pending", "6")),
                event("ADDED", pod("b", "Running", "8"))
                        + event("MODIFIED", pod("pending", "Running", "9"))
                        + event("DELETED", pod("a", "Running", "10"))
                        + event("BOOKMARK", pod("x", "", "11")));
        watch();
        awaitLine("[b, pending]");
    }

    @Test
    void theNextWatchGoesOnWhereTheLastOneEnded() throws Exception {
        BlockingQueue<String> versions = new LinkedBlockingQueue<>();
        server.onQuery(
                PODS,
                "watch=1",
                uri -> {
                    versions.add(uri.replaceFirst(".*resourceVersion=", ""));
                    return new FakeApiServer.Answer(200, event("ADDED", pod("b", "Running", "8")));
                });
        watch();
        awaitLine("[b]");
        passUntil(() -> versions.size() >= 2);
        assertThat(versions).startsWith("7", "8");
        assertThat(asked(PODS + "?limit")).as("nothing is listed again").isEqualTo(1);
    }

    private long asked(String start) {
        return server.asked().stream().filter(one -> one.uri().startsWith(start)).count();
    }

    @Test
    void aVersionThatIsTooOldIsListedAnew() throws Exception {
        onPods(list("7", pod("a", "Running", "5")), event("ERROR", TOO_OLD));
        ClusterWatch watch = watch();
        awaitLine("[a]");
        long firstNs = watch.heardAtNs();
        server.on("GET", PODS, 200, list("20", pod("c", "Running", "19")));
        awaitLine("[c]");
        assertThat(watch.heardAtNs()).isGreaterThan(firstNs);
    }

    @Test
    void aRightThatIsMissingIsNamedAndWhenItIsThereTheTableIs() throws Exception {
        server.on("GET", SLICES, 403, FakeApiServer.failure(403, "Forbidden", "endpointslices no"));
        watch();
        assertThat(next())
                .startsWith(
                        "not allowed to list and watch the endpointslices of namespace default:"
                                + " endpointslices no");
        server.on("GET", SLICES, 200, list("7"));
        awaitLine("[]");
    }

    @Test
    void whoMayListAndNotWatchHasNoTable() throws Exception {
        server.onQuery(SERVICES, "watch=1", uri -> new FakeApiServer.Answer(403, "{}"));
        watch();
        assertThat(next())
                .startsWith("not allowed to list and watch the services of namespace default");
        assertThat(told).noneMatch(line -> line.startsWith("["));
    }

    /** An API server that is busy says no for a moment. */
    @Test
    void whatIsRefusedForAMomentIsNoLoss() throws Exception {
        onPods(list("7", pod("a", "Running", "5")), event("ERROR", TOO_OLD));
        watch();
        awaitLine("[a]");
        server.on("GET", PODS, 429, FakeApiServer.failure(429, "TooManyRequests", "busy"));
        long before = asked(PODS + "?limit");
        passUntil(() -> asked(PODS + "?limit") >= before + 2);
        server.on("GET", PODS, 200, list("20", pod("c", "Running", "19")));
        assertThat(next()).isEqualTo("[c]");
    }

    @Test
    void whatGoesOnBeingRefusedIsALossAfterSevenSeconds() throws Exception {
        onPods(list("7", pod("a", "Running", "5")), event("ERROR", TOO_OLD));
        watch();
        awaitLine("[a]");
        long beganNs = time.nowNs();
        server.on("GET", PODS, 403, FakeApiServer.failure(403, "Forbidden", "no more"));
        assertThat(next()).contains("list and watch the pods of namespace default: no more");
        assertThat(Duration.ofNanos(time.nowNs() - beganNs))
                .isBetween(Duration.ofSeconds(7), Duration.ofSeconds(10));
        server.on("GET", PODS, 200, list("7", pod("a", "Running", "5")));
        awaitLine("[a]");
    }

    /** Whoever refuses to tell its version is there. A gateway speaks for nobody else. */
    @ParameterizedTest
    @CsvSource({"200, true", "403, true", "429, true", "500, true", "502, false", "503, false"})
    void whatAnswersABeatIsHeard(int status, boolean heard) throws Exception {
        Duration trip = Duration.ofMillis(5);
        for (String path : List.of(PODS, SERVICES, SLICES)) {
            server.hold(
                    path, "watch=1", request -> request.response().setChunked(true).write("\n"));
        }
        ClusterWatch watch = watch();
        awaitLine("[]");
        server.on(
                "GET",
                "/version",
                body -> {
                    time.pass(trip);
                    return new FakeApiServer.Answer(status, status == 200 ? VERSION : "{}");
                });
        if (heard) {
            passUntil(() -> watch.roundTripNs() == trip.toNanos());
            assertThat(asked(PODS + "?limit")).isEqualTo(1);
            assertThat(watch.heardAtNs()).isEqualTo(time.nowNs());
        } else {
            passUntil(() -> asked(PODS + "?limit") > 1);
            assertThat(watch.roundTripNs()).isZero();
        }
    }

    @Test
    void whatTheListenerThrowsIsNotTheEnd() throws Exception {
        listenerFails = true;
        onPods(list("7", pod("a", "Running", "5")), "");
        watch();
        passUntil(() -> !listenerFails);
        server.onQuery(
                PODS,
                "watch=1",
                uri -> new FakeApiServer.Answer(200, event("ADDED", pod("b", "Running", "8"))));
        assertThat(next()).isEqualTo("[a, b]");
    }

    /** Most events of pods are about what does not matter here. */
    @Test
    void whatIsAsBeforeIsNotTold() throws Exception {
        onPods(list("7", pod("a", "Running", "5")), event("MODIFIED", pod("a", "Running", "8")));
        watch();
        assertThat(next()).isEqualTo("[a]");
        passUntil(() -> asked(PODS + "?watch") >= 3);
        server.onQuery(
                PODS,
                "watch=1",
                uri -> new FakeApiServer.Answer(200, event("ADDED", pod("b", "Running", "9"))));
        assertThat(next()).isEqualTo("[a, b]");
    }

    @Test
    void aWatchThatIsAbandonedWhileItIsBegunIsCancelled() throws Exception {
        CompletableFuture<HttpServerRequest> asked = new CompletableFuture<>();
        server.hold(PODS, "watch=1", asked::complete);
        ClusterWatch watch = watch();
        HttpServerResponse answer = asked.get(20, TimeUnit.SECONDS).response();
        watch.close();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        answer.closeHandler(cancelled::complete);
        answer.setChunked(true).write("\n");

        assertThat(cancelled).succeedsWithin(Duration.ofSeconds(10));
    }

    /** The JSON of all pages can be a hundred times what is kept of it. */
    @Test
    void eachPageIsReadBeforeTheNextIsAskedFor() throws Exception {
        String withNext =
                list("7", pod("a", "Running", "5"))
                        .replaceFirst("metadata\": \\{", "metadata\": {\"continue\": \"c\", ");
        List<String> steps = new CopyOnWriteArrayList<>();
        server.onQuery(
                PODS,
                "limit",
                uri -> {
                    boolean first = !uri.contains("continue");
                    steps.add(first ? "first page" : "next page");
                    return new FakeApiServer.Answer(
                            200, first ? withNext : list("7", pod("b", "Running", "6")));
                });
        CompletableFuture<Map<String, String>> all = new CompletableFuture<>();
        var resource =
                new ResourceWatch.Resource<String>(
                        "list the pods",
                        PODS,
                        pod -> {
                            String name = TableObjects.name(pod).name();
                            steps.add("read " + name);
                            return Optional.of(name);
                        });
        try (Api api = new Api(client(), server.url());
                var watch = new ResourceWatch<>(api, time, resource, first(all))) {
            watch.start();
            assertThat(all.get(20, TimeUnit.SECONDS)).containsOnlyKeys("a", "b");
        }
        assertThat(steps).containsExactly("first page", "read a", "next page", "read b");
    }

    private KubernetesClient client() {
        Config config = Config.empty();
        config.setMasterUrl(server.url());
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static ResourceWatch.Listener<String> first(
            CompletableFuture<Map<String, String>> listed) {
        return new ResourceWatch.Listener<>() {
            @Override
            public void replaced(Map<String, String> all) {
                listed.complete(all);
            }

            @Override
            public void changed(String name, Optional<String> object) {}

            @Override
            public void failed(long sinceNs, TpException why) {
                listed.completeExceptionally(why);
            }
        };
    }
}
