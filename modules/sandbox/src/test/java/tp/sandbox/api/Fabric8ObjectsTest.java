package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Resources;

/** Objects and what is told of them, judged by the client that tp itself uses. */
@Timeout(60)
class Fabric8ObjectsTest {

    private static final int MORE_THAN_REMEMBERED = 1_100;
    private static final long DEADLINE_S = 20;

    private final ServerFixture fixture = new ServerFixture();
    private final KubernetesClient client = fixture.client("admin");

    @AfterEach
    void stop() {
        client.close();
        fixture.close();
    }

    private static ConfigMap configMap(String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withData(Map.of("k", value))
                .build();
    }

    @Test
    void aRequestOfMoreThanThreeMebibytesIsRefusedAndTheNextIsServed() {
        assertThatThrownBy(
                        () ->
                                client.resource(configMap("large", "x".repeat(3 << 20)))
                                        .serverSideApply())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("Request entity too large: limit is 3145728");
        assertThat(client.resource(configMap("small", "x")).serverSideApply().getData())
                .containsEntry("k", "x");
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Hears of everything, as words. */
    private record Told(BlockingQueue<String> words) implements ResourceEventHandler<ConfigMap> {

        @Override
        public void onAdd(ConfigMap map) {
            tell("add " + map.getMetadata().getName(), map);
        }

        @Override
        public void onUpdate(ConfigMap before, ConfigMap map) {
            boolean isSame =
                    before.getMetadata()
                            .getResourceVersion()
                            .equals(map.getMetadata().getResourceVersion());
            tell((isSame ? "resync " : "update ") + map.getMetadata().getName(), map);
        }

        @Override
        public void onDelete(ConfigMap map, boolean isStateUnknown) {
            tell("delete " + map.getMetadata().getName(), map);
        }

        private void tell(String word, ConfigMap map) {
            if (!map.getMetadata().getName().startsWith("kube-")) {
                words.add(word);
            }
        }

        String next() throws InterruptedException {
            return String.valueOf(words.poll(DEADLINE_S, TimeUnit.SECONDS));
        }
    }

    @Test
    void informersHearOfEverythingAndResync() throws Exception {
        Told told = new Told(new LinkedBlockingQueue<>());
        client.resource(configMap("a", "1")).create();
        try (var informer =
                client.configMaps().inNamespace("default").inform(told, Long.MAX_VALUE / 2)) {
            assertThat(told.next()).isEqualTo("add a");
            client.resource(configMap("b", "1")).create();
            assertThat(told.next()).isEqualTo("add b");
            client.configMaps()
                    .inNamespace("default")
                    .withName("a")
                    .edit(map -> new ConfigMapBuilder(map).addToData("k", "2").build());
            assertThat(told.next()).isEqualTo("update a");
            client.configMaps().inNamespace("default").withName("b").delete();
            assertThat(told.next()).isEqualTo("delete b");
            assertThat(informer.getIndexer().list())
                    .extracting(map -> map.getData().get("k"))
                    .contains("2");
        }
        Told again = new Told(new LinkedBlockingQueue<>());
        try (var informer = client.configMaps().inNamespace("default").inform(again, 100)) {
            assertThat(again.next()).isEqualTo("add a");
            assertThat(again.next()).isEqualTo("resync a");
            assertThat(informer.isWatching()).isTrue();
        }
    }

    @Test
    void anInformerThatWasAwayTooLongBeginsAnew() throws Exception {
        try (CutRelay relay = new CutRelay(fixture.server.addresses().getFirst());
                KubernetesClient away =
                        ServerFixture.clientOf(
                                fixture.server.kubeconfig(
                                        "admin", "https://127.0.0.1:" + relay.port()))) {
            ObjectNode counter =
                    ServerFixture.json("{\"metadata\":{\"name\":\"n\"},\"data\":{\"k\":\"0\"}}");
            fixture.store.create(Resources.CONFIG_MAPS, counter);
            SharedIndexInformer<ConfigMap> informer =
                    away.configMaps().inNamespace("default").inform();
            await("listed", () -> "0".equals(value(informer)));
            relay.cut();
            for (int i = 1; i <= MORE_THAN_REMEMBERED; i++) {
                ObjectNode next = counter.deepCopy();
                next.withObject("/data").put("k", Integer.toString(i));
                next.withObject("/metadata").put("namespace", "default");
                fixture.store.update(Resources.CONFIG_MAPS, next);
            }
            relay.mend();
            await(
                    "listed again",
                    () -> Integer.toString(MORE_THAN_REMEMBERED).equals(value(informer)));
            informer.close();
        }
    }

    private static String value(SharedIndexInformer<ConfigMap> informer) {
        ConfigMap map = informer.getIndexer().getByKey("default/n");
        return map == null ? "" : map.getData().getOrDefault("k", "");
    }

    @Test
    void aWatchFromLongAgoIsGone() throws Exception {
        String first = client.configMaps().list().getMetadata().getResourceVersion();
        for (int i = 0; i < MORE_THAN_REMEMBERED; i++) {
            fixture.store.create(
                    Resources.CONFIG_MAPS,
                    ServerFixture.json("{\"metadata\":{\"generateName\":\"x-\"}}"));
        }
        CompletableFuture<WatcherException> closed = new CompletableFuture<>();
        Watcher<ConfigMap> watcher =
                new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, ConfigMap map) {}

                    @Override
                    public void onClose(WatcherException cause) {
                        closed.complete(cause);
                    }
                };
        try (var watch =
                client.configMaps()
                        .inNamespace("default")
                        .withResourceVersion(first)
                        .watch(watcher)) {
            assertThat(watch).isNotNull();
            assertThat(closed.get(DEADLINE_S, TimeUnit.SECONDS).isHttpGone()).isTrue();
        }
    }

    @Test
    void editsPatchesAndApplies() {
        Deployment made = client.resource(deployment(1)).create();
        assertThat(made.getSpec().getStrategy().getType()).isEqualTo("RollingUpdate");
        var one = client.apps().deployments().inNamespace("default").withName("web");
        one.edit(
                now ->
                        new DeploymentBuilder(now)
                                .editMetadata()
                                .addToLabels("tier", "front")
                                .endMetadata()
                                .build());
        one.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"replicas\":2}}");
        one.patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"y:1\"}]}}}}");
        one.patch(
                PatchContext.of(PatchType.JSON),
                "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"a\":\"b\"}}]");
        Deployment now = one.get();
        assertThat(now.getMetadata().getLabels()).containsEntry("tier", "front");
        assertThat(now.getMetadata().getAnnotations()).containsEntry("a", "b");
        assertThat(now.getSpec().getTemplate().getSpec().getContainers())
                .extracting("image")
                .containsExactly("y:1");
        assertThat(one.scale(5).getSpec().getReplicas()).isEqualTo(5);
        assertThat(one.scale().getSpec().getReplicas()).isEqualTo(5);
        assertThatThrownBy(
                        () -> client.resource(deployment(3)).fieldManager("me").serverSideApply())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("conflict");
        Deployment applied =
                client.resource(deployment(3))
                        .fieldManager("me")
                        .forceConflicts()
                        .serverSideApply();
        assertThat(applied.getSpec().getReplicas()).isEqualTo(3);
        assertThat(applied.getMetadata().getManagedFields())
                .anyMatch(
                        entry ->
                                entry.getManager().equals("me")
                                        && entry.getOperation().equals("Apply"));
    }

    private static Deployment deployment(int replicas) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("x:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    @Test
    void whoeverWritesSecondIsToldSo() {
        ConfigMap first = client.resource(configMap("lock", "nobody")).create();
        ConfigMap mine = new ConfigMapBuilder(first).addToData("k", "me").build();
        ConfigMap yours = new ConfigMapBuilder(first).addToData("k", "you").build();
        client.resource(mine).update();
        assertThatThrownBy(() -> client.resource(yours).update())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> {
                            assertThat(e.getCode()).isEqualTo(409);
                            assertThat(e.getStatus().getReason()).isEqualTo("Conflict");
                        });
        assertThatThrownBy(() -> client.resource(configMap("lock", "x")).create())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getStatus().getReason()).isEqualTo("AlreadyExists"));
    }

    @Test
    void oneLeaderIsElected() throws Exception {
        BlockingQueue<String> leaders = new LinkedBlockingQueue<>();
        CompletableFuture<?> first = elect("one", leaders);
        assertThat(leaders.poll(DEADLINE_S, TimeUnit.SECONDS)).isEqualTo("one");
        CompletableFuture<?> second = elect("two", leaders);
        await(
                "the second sees the first",
                () ->
                        fixture.server.audit().stream()
                                        .filter(
                                                entry ->
                                                        entry.verb().equals("get")
                                                                && entry.resource()
                                                                        .equals("leases"))
                                        .count()
                                > 2);
        assertThat(leaders).isEmpty();
        first.cancel(true);
        assertThat(leaders.poll(DEADLINE_S, TimeUnit.SECONDS)).isEqualTo("two");
        second.cancel(true);
    }

    private CompletableFuture<?> elect(String name, BlockingQueue<String> leaders) {
        return client.leaderElector()
                .withConfig(
                        new LeaderElectionConfigBuilder()
                                .withName("test")
                                .withLeaseDuration(Duration.ofSeconds(3))
                                .withRenewDeadline(Duration.ofSeconds(2))
                                .withRetryPeriod(Duration.ofMillis(200))
                                .withReleaseOnCancel(true)
                                .withLock(new LeaseLock("default", "leader", name))
                                .withLeaderCallbacks(
                                        new LeaderCallbacks(
                                                () -> leaders.add(name), () -> {}, who -> {}))
                                .build())
                .build()
                .start();
    }
}
