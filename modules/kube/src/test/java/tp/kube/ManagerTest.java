package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;

/** What tp sees and does of the manager in a cluster. */
@Timeout(60)
class ManagerTest {

    private static final String NAMESPACE = "/api/v1/namespaces/tp-system";
    private static final String PIN = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    private static final String WAITING =
            "\"containerStatuses\":[{\"name\":\"manager\",\"state\":{\"waiting\":{\"reason\":\"%s\","
                    + "\"message\":\"%s\"}}}]";

    private static final String DEPLOYMENT =
            "/apis/apps/v1/namespaces/tp-system/deployments/tp-manager";

    /** Of a Deployment whose pods are all of its last template. */
    private static final String DONE =
            "\"observedGeneration\":1,\"replicas\":1,\"updatedReplicas\":1,\"availableReplicas\":1";

    private static final Delivery IMAGE = new Delivery.Image("registry.example/tp-manager:1");

    private final ManualPace pace = new ManualPace();
    private final List<String> progress = new ArrayList<>();
    private @TempDir Path folder;
    private FakeApiServer server;
    private KubeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        server = new FakeApiServer();
        cluster = Clusters.open(folder, server.url(), pace);
        pods();
        allow("");
        server.takeApplies();
        deployment(DONE);
    }

    @AfterEach
    void stop() {
        cluster.close();
        server.close();
    }

    @Test
    void withoutTheConfigMapThereIsNone() {
        assertThat(cluster.manager()).isEmpty();
    }

    @Test
    void aConfigMapWithoutAnyPodIsWhatARemovedManagerLeft() {
        published(PIN, "u-1", "8443");

        assertThat(cluster.manager()).isEmpty();
    }

    @Test
    void theYoungestReadyPodIsTheOneToReach() {
        published(PIN, "u-1", "9443");
        pods(
                pod("old", "2026-01-01T00:00:00Z", ready()),
                pod("young", "2026-01-02T00:00:00Z", ready()),
                pod("starting", "2026-01-03T00:00:00Z", "\"phase\":\"Pending\""));

        assertThat(cluster.manager())
                .contains(
                        new ManagerInfo(
                                new ServerPin(PIN),
                                "u-1",
                                "0.1.0",
                                new ManagerLocation("tp-system", "young", 9443),
                                List.of()));
    }

    @Test
    void aManagerThatIsNotReadyIsSaidToBeSo() {
        published(PIN, "u-1", "8443");
        pods(pod("m", "2026-01-01T00:00:00Z", WAITING.formatted("CrashLoopBackOff", "back-off")));

        assertTold(() -> cluster.manager(), Category.TRANSIENT)
                .contains("not ready: pod m: CrashLoopBackOff, back-off");
    }

    @Test
    void aManagerThatIsAboutToStartIsWaitedFor() {
        published(PIN, "u-1", "8443");
        pods(pod("m", "2026-01-01T00:00:00Z", WAITING.formatted("ContainerCreating", "")));
        pace.at(Duration.ofSeconds(20), () -> pods(pod("m", "2026-01-01T00:00:00Z", ready())));

        assertThat(cluster.manager(progress::add).map(ManagerInfo::uid)).contains("u-1");
        assertThat(pace.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
        assertThat(progress).containsExactly("pod m: ContainerCreating", "pod m: ready");
    }

    @ParameterizedTest
    @CsvSource({
        "ContainerCreating, 60, not ready after 60 s: pod m: ContainerCreating",
        "CrashLoopBackOff, 15, cannot start: CrashLoopBackOff",
    })
    void aManagerThatDoesNotStartIsGivenUp(String reason, int seconds, String message) {
        published(PIN, "u-1", "8443");
        pods(pod("m", "2026-01-01T00:00:00Z", WAITING.formatted(reason, "")));

        assertTold(() -> cluster.manager(progress::add), Category.ENVIRONMENT).contains(message);
        assertThat(pace.passed())
                .isBetween(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds + 1));
    }

    @Test
    void aManagerThatIsThereIsNotWaitedFor() {
        assertThat(cluster.manager(progress::add)).isEmpty();
        published(PIN, "u-1", "8443");
        pods(pod("m", "2026-01-01T00:00:00Z", ready()));

        assertThat(cluster.manager(progress::add)).isPresent();
        assertThat(progress).isEmpty();
        assertThat(pace.passed()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'', u-1, 8443",
        "bad, u-1, 8443",
        PIN + ", '', 8443",
        PIN + ", a/b, 8443",
        PIN + ", u-1, 0",
        PIN + ", u-1, 99999",
        PIN + ", u-1, x",
        PIN + ", u-1, ''"
    })
    void whatIsNotPlausibleIsNotBelieved(String pin, String uid, String port) {
        published(pin, uid, port);
        pods(pod("m", "2026-01-01T00:00:00Z", ready()));

        assertTold(() -> cluster.manager(), Category.TRANSIENT).contains("not ready");
    }

    @Test
    void notBeingAllowedToLookNamesTheRight() {
        server.on(
                "GET",
                NAMESPACE + "/configmaps/tp-manager-info",
                403,
                FakeApiServer.failure(403, "Forbidden", "User me cannot get resource configmaps"));

        assertTold(() -> cluster.manager(), Category.ENVIRONMENT)
                .contains("not allowed to read the ConfigMap", "User me cannot get", "docs/rbac");
    }

    @Test
    void aTokenIsForThisManagerAndShortLived() {
        server.on(
                "POST",
                NAMESPACE + "/serviceaccounts/tp-client/token",
                201,
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\","
                        + "\"status\":{\"token\":\"t0k\"}}");

        assertThat(cluster.clientToken(info())).isEqualTo("t0k");
        assertThat(server.asked().getLast().body())
                .contains("\"kind\":\"TokenRequest\"")
                .contains("\"audiences\":[\"tp-manager/u-1\"]", "\"expirationSeconds\":600");
    }

    @Test
    void aTokenThatMayNotBeMadeNamesTheRight() {
        server.on(
                "POST",
                NAMESPACE + "/serviceaccounts/tp-client/token",
                403,
                FakeApiServer.failure(403, "Forbidden", "cannot create serviceaccounts/token"));

        assertTold(() -> cluster.clientToken(info()), Category.ENVIRONMENT)
                .contains("tp-client", "cannot create serviceaccounts/token");
    }

    @Test
    void installingAppliesAllAndWaitsForAPodAndItsConfigMap() {
        pace.at(
                Duration.ofSeconds(2),
                () ->
                        pods(
                                pod(
                                        "m",
                                        "2026-01-01T00:00:00Z",
                                        WAITING.formatted("ContainerCreating", ""))));
        pace.at(Duration.ofSeconds(30), () -> pods(pod("m", "2026-01-01T00:00:00Z", ready())));
        pace.at(Duration.ofSeconds(31), () -> published(PIN, "u-1", "8443"));
        cluster.installManager(IMAGE, progress::add);

        assertThat(pace.passed()).isBetween(Duration.ofSeconds(31), Duration.ofSeconds(33));
        assertThat(progress)
                .startsWith(
                        "There is no manager; asking whether you may install it ...",
                        "Installing the manager ...")
                .contains("applied Namespace tp-system", "applied Deployment tp-manager")
                .endsWith("no pod yet", "pod m: ContainerCreating", "pod m: ready");
        assertThat(server.asked())
                .filteredOn(asked -> asked.method().equals("PATCH"))
                .hasSize(14)
                .allSatisfy(asked -> assertThat(asked.uri()).contains("fieldManager=tp"));
        assertThat(cluster.manager().map(ManagerInfo::uid)).contains("u-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError"})
    void anImageThatCannotBePulledIsTheAnswer(String reason) {
        pods(pod("m", "2026-01-01T00:00:00Z", WAITING.formatted(reason, "no such image")));

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("cannot start", reason + ", no such image")
                .contains(reason.startsWith("Create") ? "kubectl -n tp-system" : "--image");
        assertThat(pace.passed()).isLessThan(Duration.ofSeconds(20));
        assertThat(progress)
                .doesNotHaveDuplicates()
                .endsWith("pod m: " + reason + ", no such image");
    }

    @Test
    void aManagerThatCrashesSaysHowItEnded() {
        pods(
                pod(
                        "m",
                        "2026-01-01T00:00:00Z",
                        "\"containerStatuses\":[{\"name\":\"manager\",\"state\":{\"waiting\":{"
                                + "\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off\"}},"
                                + "\"lastState\":{\"terminated\":{\"exitCode\":137,"
                                + "\"reason\":\"OOMKilled\"}}}]"));

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("CrashLoopBackOff, back-off, it ended with exit code 137, OOMKilled");
    }

    /** It ends before the manager begins: an init container (join-jars.sh). */
    @Test
    void codeThatIsNotWhatWasInstalledIsTheAnswer() {
        pods(
                pod(
                        "m",
                        "2026-01-01T00:00:00Z",
                        "\"initContainerStatuses\":[{\"name\":\"code\",\"state\":{\"waiting\":{"
                                + "\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off\"}},"
                                + "\"lastState\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\","
                                + "\"message\":\""
                                + JarPod.ANOTHER_CODE
                                + ": a.jar has another SHA-256\\n\"}}}],"
                                + WAITING.formatted("PodInitializing", "")));

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("it ended with exit code 1, " + JarPod.ANOTHER_CODE + ": a.jar has")
                .endsWith("; " + JarPod.NEXT);
    }

    @Test
    void anObstacleThatPassesIsWaitedFor() {
        pods(pod("m", "2026-01-01T00:00:00Z", WAITING.formatted("ErrImagePull", "timeout")));
        pace.at(
                Duration.ofSeconds(10),
                () -> {
                    published(PIN, "u-1", "8443");
                    pods(pod("m", "2026-01-01T00:00:00Z", ready()));
                });
        cluster.installManager(IMAGE, progress::add);

        assertThat(progress).contains("pod m: ErrImagePull, timeout", "pod m: ready");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pods is forbidden: exceeded quota: mem, requested: 512Mi",
                "pods is forbidden: violates PodSecurity restricted:latest",
            })
    void whatAdmissionRefusesIsTheAnswer(String message) {
        deployment(
                "\"conditions\":[{\"type\":\"ReplicaFailure\",\"status\":\"True\",\"message\":\""
                        + message
                        + "\"}]");

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("cannot start: " + message);
        assertThat(progress).doesNotHaveDuplicates().endsWith(message);
    }

    @Test
    void aPodThatNeverGetsReadyIsGivenUpAfterTwoMinutes() {
        pods(pod("m", "2026-01-01T00:00:00Z", "\"phase\":\"Running\""));

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("not ready after 120 s: pod m: Running, not ready yet");
        assertThat(pace.passed()).isBetween(Duration.ofSeconds(120), Duration.ofSeconds(121));
    }

    @Test
    void aMissingRightIsNamedBeforeAnythingIsChanged() {
        assertThat(cluster.mayInstall()).isTrue();
        allow("clusterroles");

        assertThat(cluster.mayInstall()).isFalse();
        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains(
                        "create on clusterroles.rbac.authorization.k8s.io is missing",
                        "ask an administrator");
        assertThat(server.asked()).noneMatch(asked -> asked.method().equals("PATCH"));
        assertThat(progress).noneMatch(line -> line.startsWith("Installing"));
    }

    @Test
    void whereRightsCannotBeAskedForTheApplyTells() {
        server.on(
                "POST",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                404,
                FakeApiServer.failure(404, "NotFound", "no such resource"));

        assertThat(cluster.mayInstall()).isTrue();
    }

    @Test
    void aRefusedApplyNamesTheObjectAndTheRight() {
        server.on(
                "PATCH",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/tp-manager",
                403,
                FakeApiServer.failure(403, "Forbidden", "attempting to grant RBAC not held"));

        assertTold(() -> cluster.installManager(IMAGE, progress::add), Category.ENVIRONMENT)
                .contains("not allowed to apply ClusterRole tp-manager: attempting to grant");
    }

    private static ManagerInfo info() {
        return new ManagerInfo(
                new ServerPin(PIN),
                "u-1",
                "0.1.0",
                new ManagerLocation("tp-system", "m", 8443),
                List.of());
    }

    private void published(String pin, String uid, String port) {
        server.on(
                "GET",
                NAMESPACE + "/configmaps/tp-manager-info",
                200,
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},"
                        + "\"data\":{\"spki-sha256\":\"%s\",\"uid\":\"%s\",\"port\":\"%s\",\"version\":\"0.1.0\"}}"
                                .formatted(pin, uid, port));
    }

    private void deployment(String status) {
        deployment(status, ManagerManifests.USUAL_IMAGE);
    }

    private void deployment(String status, String image) {
        server.on(
                "GET",
                DEPLOYMENT,
                200,
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"tp-manager\",\"generation\":1},"
                        + "\"spec\":{\"replicas\":1,\"template\":{\"spec\":{\"containers\":[{\"name\":\"manager\",\"image\":\"%s\"}]}}},\"status\":{%s}}"
                                .formatted(image, status));
    }

    private void pods(String... items) {
        server.on(
                "GET",
                NAMESPACE + "/pods",
                200,
                "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":["
                        + String.join(",", items)
                        + "]}");
    }

    private static String pod(String name, String created, String status) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\",\"creationTimestamp\":\"%s\"},\"status\":{%s}}"
                .formatted(name, created, status);
    }

    private static String ready() {
        return "\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]";
    }

    private void allow(String except) {
        server.reviews(body -> except.isEmpty() || !body.contains("\"" + except + "\""));
    }

    private static org.assertj.core.api.AbstractStringAssert<?> assertTold(
            Runnable call, Category category) {
        var told = new String[1];
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            told[0] = e.line();
                            assertThat(e.category()).isEqualTo(category);
                            assertThat(e.nextStep()).isNotBlank();
                        });
        return assertThat(Optional.ofNullable(told[0]).orElse(""))
                .hasLineCount(1)
                .doesNotContain(Clusters.SECRET);
    }
}
