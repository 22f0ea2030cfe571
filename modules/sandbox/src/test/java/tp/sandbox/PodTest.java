package tp.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pod of one's own sees, and how it ends; {@code kubectl} is the judge. */
class PodTest {

    private static SandboxFixture sandbox;

    @BeforeAll
    static void start() throws IOException {
        SandboxFixture.assumeKubectl();
        sandbox = SandboxFixture.start();
        assertThat(sandbox.apply("pods.yaml").exit()).isZero();
        assertThat(
                        kubectl(
                                        "wait --for=jsonpath='{.status.phase}'=Failed pod/witness"
                                                + " --timeout=20s")
                                .exit())
                .isZero();
    }

    @AfterAll
    static void end() {
        if (sandbox != null) {
            sandbox.end();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "volume blue s3cret by-init",
                "projected blue default",
                "env blue s3cret $ip witness of-blue",
                "place witness /app 1",
                "api 10.96.0.1 443",
                "account default 2",
                "api-answers",
                "app-is-read-only",
                "root-is-read-only",
                "host-is-read-only",
                "CapEff:\t0000000000000000",
                "openjdk 25",
            })
    void aContainerSeesWhatItsPodSays(String line) {
        String ip = kubectl("get pod witness -o jsonpath='{.status.podIP}'").output();

        assertThat(kubectl("logs witness").output()).contains(line.replace("$ip", ip));
    }

    @Test
    void theExitCodeIsInTheStatus() {
        assertThat(
                        kubectl(
                                        "get pod witness -o jsonpath="
                                                + "'{.status.containerStatuses[0].state.terminated.exitCode}'")
                                .output())
                .isEqualTo("3");
    }

    @Test
    void aContainerThatKeepsFailingBacksOff() {
        awaitReason("crash", "CrashLoopBackOff");
        assertThat(kubectl("logs crash --previous").output()).contains("bang");
    }

    @Test
    void anUnknownImageIsNotPulled() {
        awaitReason("unknown", "ImagePullBackOff");
    }

    @Test
    void aPodWaitsForItsConfigMap() {
        assertThat(kubectl("get pod waiting -o jsonpath='{.status.phase}'").output())
                .isEqualTo("Pending");

        String map = "{kind: ConfigMap, apiVersion: v1, metadata: {name: later}, data: {a: b}}";
        assertThat(kubectl("apply -f - <<'END'\n" + map + "\nEND\n").exit()).isZero();

        assertThat(kubectl("wait --for=condition=Ready pod/waiting --timeout=15s").exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"graceful", "stubborn"})
    void aPodEndsBeforeItsGracePeriodOrWithIt(String pod) {
        assertThat(kubectl("wait --for=condition=Ready pod/%s --timeout=15s".formatted(pod)).exit())
                .isZero();

        assertThat(kubectl("delete pod %s --timeout=10s".formatted(pod)).exit()).isZero();
    }

    @Test
    void aDeploymentIsScaledAndRolledOut() {
        String deployment = "deployment/dataprocessingservice";
        assertThat(kubectl("patch " + deployment + " -p '{\"spec\": {\"replicas\": 2}}'").exit())
                .isZero();
        assertThat(kubectl("rollout status --timeout=30s " + deployment).exit()).isZero();
        assertThat(kubectl("rollout restart " + deployment).exit()).isZero();
        assertThat(kubectl("rollout status --timeout=30s " + deployment).exit()).isZero();
        assertThat(
                        kubectl(
                                        "get pods -l app=dataprocessingservice"
                                                + " --field-selector=status.phase=Running -o name")
                                .output()
                                .lines())
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(sandbox.inPod("TcpEcho", "curl -fsS -m 5 dataprocessingservice:3000").output())
                .contains("records");
    }

    private static void awaitReason(String pod, String reason) {
        sandbox.await(
                pod + " is in " + reason,
                () ->
                        kubectl(
                                        "get pod "
                                                + pod
                                                + " -o jsonpath="
                                                + "'{.status.containerStatuses[0].state.waiting.reason}'")
                                .output()
                                .equals(reason));
    }

    private static SandboxFixture.Result kubectl(String arguments) {
        return sandbox.kubectl(arguments);
    }
}
