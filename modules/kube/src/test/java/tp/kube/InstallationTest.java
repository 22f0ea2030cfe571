package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;

/** An install over what is there already, and its end. */
@Timeout(60)
class InstallationTest {

    private static final String NAMESPACE = "/api/v1/namespaces/tp-system";
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";
    private static final String OURS = "\"labels\":{\"app.kubernetes.io/name\":\"tp-manager\"}";

    private final ManualPace pace = new ManualPace();
    private final List<String> progress = new ArrayList<>();
    private @TempDir Path folder;
    private FakeApiServer server;
    private KubeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        SmallJars.write(folder);
        server = new FakeApiServer();
        cluster = Clusters.open(folder, server.url(), pace);
        server.takeApplies();
        server.reviews(body -> true);
        server.on("GET", NAMESPACE + "/pods", 200, pods(""));
    }

    @AfterEach
    void stop() {
        cluster.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0.2.0, 0.1.0, tp.dev/manager:0.2.0, '', newer than this one",
        "0.1.0, 0.1.0, tp.dev/manager:0.0.9, '', ''",
        "unknown, 0.1.0, tp.dev/manager:0.1.0, '', ''",
        "0.1.0, 0.1.0, registry.example/m:1, '', of the image registry.example/m:1",
        "0.1.0, 0.1.0, registry.example/m:1, registry.example/m:2, ''",
        "0.1.0, 0.1.0, docker.io/library/eclipse-temurin:25.0.2_10-jre-noble, '', ''",
    })
    void whatSomebodyElseInstalledIsNotLostUnseen(
            String there, String ours, String image, String wanted, String refusal) {
        running(there, image);
        Delivery asked = wanted.isEmpty() ? usual() : new Delivery.Image(wanted);

        if (refusal.isEmpty()) {
            install(new InstallSettings(asked, !wanted.isEmpty(), false, ours));
        } else {
            assertTold(() -> install(new InstallSettings(asked, !wanted.isEmpty(), false, ours)))
                    .contains(refusal)
                    .contains("--force");
            assertThat(asked("PATCH")).isEmpty();
            install(new InstallSettings(asked, !wanted.isEmpty(), true, ours));
        }
        assertThat(asked("PATCH")).isNotEmpty();
    }

    @Test
    void whereNothingChangedThatIsSaid() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        String namespace = object("v1", "Namespace", "tp-system", OURS);
        server.on("GET", NAMESPACE, 200, namespace);
        server.on("PATCH", NAMESPACE, 200, namespace);
        String account = object("v1", "ServiceAccount", "tp-client", OURS);
        server.on("GET", NAMESPACE + "/serviceaccounts/tp-client", 200, account);
        server.on(
                "PATCH",
                NAMESPACE + "/serviceaccounts/tp-client",
                200,
                account.replace("\"7\"", "\"8\""));

        install(new InstallSettings(usual(), false, false, "0.1.0"));

        assertThat(progress)
                .contains("applied ServiceAccount tp-client")
                .doesNotContain("applied Namespace tp-system");
    }

    @Test
    void somebodysOwnNamespaceIsUsedAsItIs() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        server.on("GET", NAMESPACE, 200, object("v1", "Namespace", "tp-system", "\"uid\":\"u\""));

        install(new InstallSettings(usual(), false, false, "0.1.0"));

        assertThat(asked("PATCH")).noneMatch(uri -> uri.startsWith(NAMESPACE + "?"));
    }

    @Test
    void whatSomebodyElseHasSetIsNotOverwritten() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        server.on(
                "PATCH",
                NAMESPACE + "/services/tp-manager",
                409,
                FakeApiServer.failure(409, "Conflict", "conflict with kubectl-edit: .spec.ports"));

        assertTold(() -> install(new InstallSettings(usual(), false, false, "0.1.0")))
                .contains("could not apply Service tp-manager: conflict with kubectl-edit")
                .contains("tp install --force");
        assertThat(asked("PATCH")).noneMatch(uri -> uri.contains("force=true"));
    }

    @Test
    void aNamespaceThatIsBeingDeletedIsWaitedFor() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        server.on("GET", NAMESPACE, 200, ending());
        pace.at(Duration.ofSeconds(9), () -> server.on("GET", NAMESPACE, 404, missing()));

        install(new InstallSettings(usual(), false, false, "0.1.0"));

        assertThat(pace.passed()).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(10));
        assertThat(progress).contains("Waiting for the Namespace tp-system to be gone ...");
    }

    @Test
    void aNamespaceThatDoesNotGoIsNamed() {
        server.on("GET", NAMESPACE, 200, ending());

        assertTold(() -> install(new InstallSettings(usual(), false, false, "0.1.0")))
                .contains("tp-system is being deleted, and still there after 60 s")
                .contains("kubectl get namespace tp-system");
        assertThat(asked("PATCH")).isEmpty();
    }

    /** An old pod still takes connections, and is not what was asked for. */
    @Test
    void anUpgradeIsDoneWhenTheNewPodIsReady() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        deployment("tp.dev/manager:0.1.0", "\"observedGeneration\":1,\"replicas\":2");
        pace.at(Duration.ofSeconds(20), () -> deployment("tp.dev/manager:0.1.0", DONE));

        install(new InstallSettings(usual(), false, false, "0.1.0"));

        assertThat(pace.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
    }

    @Test
    void codeThatIsThereIsNotSentAgainAndThatOfBeforeIsRemoved() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        List<String> names = code().stream().map(JarBundles.Bundle::name).toList();
        there(code().getFirst(), "");
        String old = JarBundles.NAME + "0".repeat(20);
        server.on("GET", NAMESPACE + "/configmaps", 200, configMaps(names.getLast(), old, "x"));
        there(NAMESPACE + "/configmaps/" + old, object("v1", "ConfigMap", old, OURS));

        install(new InstallSettings(usual(), false, false, "0.1.0"));

        assertThat(asked("PATCH"))
                .noneMatch(uri -> uri.contains(names.getFirst()))
                .anyMatch(uri -> uri.contains(names.getLast()));
        assertThat(asked("DELETE")).singleElement().asString().contains(old);
        assertThat(progress).endsWith("removed ConfigMap " + old);
    }

    @Test
    void codeThatSomebodyChangedIsNeitherUsedNorMendedUnseen() {
        running("0.1.0", ManagerManifests.USUAL_IMAGE);
        there(code().getFirst(), "AAAA");

        assertTold(() -> install(new InstallSettings(usual(), false, true, "0.1.0")))
                .contains("ConfigMap " + code().getFirst().name() + " in tp-system does not hold")
                .contains("'tp uninstall', then run 'tp install'");
        assertThat(asked("PATCH")).noneMatch(uri -> uri.contains("deployments"));
    }

    @ParameterizedTest
    @CsvSource({
        "403, 'exceeded quota: few, requested: count/configmaps=1', raise the quota",
        "413, 'Request entity too large: limit is 3145728', --image",
        "422, 'Too long: may not be more than 1048576 bytes', --image",
        "403, 'cannot patch resource configmaps', ask an administrator",
    })
    void codeThatTheClusterDoesNotTakeIsNamed(int status, String message, String next) {
        String first = code().getFirst().name();
        server.on(
                "PATCH",
                NAMESPACE + "/configmaps/" + first,
                status,
                FakeApiServer.failure(status, "Refused", message));

        assertTold(() -> install(new InstallSettings(usual(), false, false, "0.1.0")))
                .contains("apply ConfigMap " + first + ": " + message, next);
    }

    @Test
    void whatIsRemovedIsAlsoTheCode() {
        String first = code().getFirst().name();
        server.on("GET", NAMESPACE + "/configmaps", 200, configMaps(first, "somebodys"));
        there(code().getFirst(), "");

        Removed removed = cluster.uninstallManager(Optional.empty(), progress::add);

        assertThat(removed.objects()).containsExactly("ConfigMap " + first);
    }

    private static List<JarBundles.Bundle> code() {
        return JarBundles.of(SmallJars.contents()).bundles();
    }

    /** A ConfigMap in the cluster, perhaps with another content. */
    private void there(JarBundles.Bundle bundle, String changed) {
        String data =
                bundle.pieces().entrySet().stream()
                        .map(
                                piece ->
                                        "\"%s\":\"%s%s\""
                                                .formatted(
                                                        piece.getKey(), piece.getValue(), changed))
                        .collect(Collectors.joining(",", "{", "}"));
        there(
                NAMESPACE + "/configmaps/" + bundle.name(),
                object("v1", "ConfigMap", bundle.name(), OURS)
                        .replaceFirst("}$", ",\"binaryData\":" + data + "}"));
    }

    private static String configMaps(String... names) {
        return Stream.of(names)
                .map(name -> object("v1", "ConfigMap", name, OURS))
                .collect(Collectors.joining(",", "{\"kind\":\"List\",\"items\":[", "]}"));
    }

    @Test
    void whereNothingIsThereNothingIsRemoved() {
        assertThat(cluster.uninstallManager(Optional.empty(), progress::add).objects()).isEmpty();
        assertThat(asked("DELETE")).isEmpty();
    }

    @Test
    void onlyWhatIsOursIsRemoved() {
        there(RBAC + "/clusterroles/tp-manager", object("v1", "ClusterRole", "tp-manager", OURS));
        there(
                RBAC + "/clusterroles/tp-connect",
                object("v1", "ClusterRole", "tp-connect", "\"uid\":\"u\""));
        there(NAMESPACE, object("v1", "Namespace", "tp-system", "\"uid\":\"u\""));

        Removed removed = cluster.uninstallManager(Optional.empty(), progress::add);

        assertThat(removed.objects()).containsExactly("ClusterRole tp-manager");
        assertThat(removed.kept())
                .containsExactly(
                        "ClusterRole tp-connect, which tp has not made",
                        "Namespace tp-system, which tp has not made");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serviceaccounts | default | 200 | ''",
                "configmaps | kube-root-ca.crt | 200 | ''",
                "serviceaccounts | tp-client-alice | 200 | serviceaccounts tp-client-alice",
                "secrets | registry | 200 | secrets registry",
                "secrets | | 403 | secrets that you may not see",
            })
    void theNamespaceStaysWhereItHoldsSomethingElse(
            String kind, String name, int status, String kept) {
        there(NAMESPACE, object("v1", "Namespace", "tp-system", OURS));
        server.on(
                "GET",
                NAMESPACE + "/" + kind,
                status,
                status == 200
                        ? "{\"kind\":\"List\",\"items\":["
                                + object("v1", "X", name, "\"uid\":\"u\"")
                                + "]}"
                        : FakeApiServer.failure(403, "Forbidden", "no"));

        Removed removed = cluster.uninstallManager(Optional.empty(), progress::add);

        assertThat(removed.objects())
                .isEqualTo(kept.isEmpty() ? List.of("Namespace tp-system") : List.of());
        assertThat(removed.kept())
                .isEqualTo(
                        kept.isEmpty()
                                ? List.of()
                                : List.of("Namespace tp-system, which also has " + kept));
    }

    @Test
    void podsThatDoNotEndAreNamed() {
        there(
                "/apis/apps/v1/namespaces/tp-system/deployments/tp-manager",
                object("apps/v1", "Deployment", "tp-manager", OURS));
        server.on("GET", NAMESPACE + "/pods", 200, pods(readyPod()));

        assertTold(() -> cluster.uninstallManager(Optional.empty(), progress::add))
                .contains("waited 60 s in vain for the manager's pods to end")
                .contains("tp uninstall");
    }

    @Test
    void aMissingRightIsNamedBeforeAnythingIsRemoved() {
        server.reviews(body -> !body.contains("\"delete\""));

        assertTold(() -> cluster.uninstallManager(Optional.empty(), progress::add))
                .contains("you may not remove the manager: delete on namespaces is missing")
                .contains("--print-rbac --for installer");
    }

    private static final String DONE =
            "\"observedGeneration\":1,\"replicas\":1,\"updatedReplicas\":1,\"availableReplicas\":1";

    private Delivery usual() {
        return new Delivery.ConfigMaps(Optional.empty(), folder);
    }

    private void install(InstallSettings settings) {
        cluster.installManager(settings, progress::add);
    }

    private void running(String version, String image) {
        deployment(image, DONE);
        server.on(
                "GET",
                NAMESPACE + "/configmaps/tp-manager-info",
                200,
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},\"data\":{\"spki-sha256\":\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\",\"uid\":\"u\",\"port\":\"1\",\"version\":\"%s\"}}"
                        .formatted(version));
        server.on("GET", NAMESPACE + "/pods", 200, pods(readyPod()));
    }

    private void deployment(String image, String status) {
        server.on(
                "GET",
                "/apis/apps/v1/namespaces/tp-system/deployments/tp-manager",
                200,
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"tp-manager\",\"generation\":1},\"spec\":{\"replicas\":1,\"template\":{\"spec\":{\"containers\":[{\"name\":\"manager\",\"image\":\"%s\"}]}}},\"status\":{%s}}"
                        .formatted(image, status));
    }

    /** It is there until it is deleted. */
    private void there(String path, String json) {
        server.on("GET", path, 200, json);
        server.on(
                "DELETE",
                path,
                body -> {
                    server.on("GET", path, 404, missing());
                    return new FakeApiServer.Answer(
                            200, "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}");
                });
    }

    private List<String> asked(String method) {
        return server.asked().stream()
                .filter(one -> one.method().equals(method))
                .map(FakeApiServer.Asked::uri)
                .toList();
    }

    private static String object(String version, String kind, String name, String metadata) {
        String group = kind.startsWith("Cluster") ? "rbac.authorization.k8s.io/" : "";
        return "{\"apiVersion\":\"%s%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"7\",%s}}"
                .formatted(group, version, kind, name, metadata);
    }

    private static String ending() {
        return object(
                "v1", "Namespace", "tp-system", "\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"");
    }

    private static String missing() {
        return FakeApiServer.failure(404, "NotFound", "not found");
    }

    private static String pods(String item) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[" + item + "]}";
    }

    private static String readyPod() {
        return "{\"metadata\":{\"name\":\"m\",\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}";
    }

    private static org.assertj.core.api.AbstractStringAssert<?> assertTold(Runnable call) {
        var told = new String[1];
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            told[0] = e.line();
                            assertThat(e.nextStep()).isNotBlank();
                        });
        return assertThat(Optional.ofNullable(told[0]).orElse("")).hasLineCount(1);
    }
}
