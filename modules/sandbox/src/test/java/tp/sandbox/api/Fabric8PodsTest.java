package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.LocalSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pods, tokens and rights, judged by the client that tp itself uses. */
@Timeout(60)
class Fabric8PodsTest {

    private static final long DEADLINE_S = 20;

    private final ServerFixture fixture = new ServerFixture();
    private final KubernetesClient client = fixture.client("admin");

    @AfterEach
    void stop() {
        client.close();
        fixture.close();
    }

    @Test
    void runsProgramsInPods() throws Exception {
        fixture.runningPod("p");
        var pod = client.pods().inNamespace("default").withName("p");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (ExecWatch exec =
                pod.writingOutput(out)
                        .writingError(err)
                        .exec("sh", "-c", "echo out; echo err >&2; exit 3")) {
            assertThat(exec.exitCode().get(DEADLINE_S, TimeUnit.SECONDS)).isEqualTo(3);
        }
        assertThat(out.toString(UTF_8)).isEqualTo("out\n");
        assertThat(err.toString(UTF_8)).isEqualTo("err\n");
        try (ExecWatch exec =
                        pod.redirectingInput()
                                .redirectingOutput()
                                .exec("sh", "-c", "read a; echo $a");
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(exec.getOutput(), UTF_8))) {
            exec.getInput().write("word\n".getBytes(UTF_8));
            exec.getInput().flush();
            assertThat(reader.readLine()).isEqualTo("word");
            assertThat(exec.exitCode().get(DEADLINE_S, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void forwardsPortsAndReadsLogs() throws Exception {
        fixture.runningPod("p");
        var pod = client.pods().inNamespace("default").withName("p");
        try (EchoServer echo = new EchoServer();
                LocalPortForward forward = pod.portForward(echo.port());
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort())) {
            socket.getOutputStream().write("hello".getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(5), UTF_8)).isEqualTo("hello");
        }
        assertThat(pod.getLog()).isEqualTo("a line\n");
        try (LogWatch watch = pod.watchLog();
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(watch.getOutput(), UTF_8))) {
            assertThat(reader.readLine()).isEqualTo("a line");
        }
    }

    @Test
    void waitsForPods() {
        fixture.runningPod("p");
        Pod ready =
                client.pods()
                        .inNamespace("default")
                        .withName("p")
                        .waitUntilReady(DEADLINE_S, TimeUnit.SECONDS);
        assertThat(ready.getStatus().getPhase()).isEqualTo("Running");
        client.pods().inNamespace("default").withName("p").withGracePeriod(0).delete();
        assertThat(client.pods().inNamespace("default").withName("p").get()).isNull();
    }

    @Test
    void tokensAreForTheirAudience() {
        TokenRequest request =
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences("somebody")
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build();
        String token =
                client.serviceAccounts()
                        .inNamespace("default")
                        .withName("default")
                        .tokenRequest(request)
                        .getStatus()
                        .getToken();
        assertThat(review(token, "somebody").getStatus())
                .satisfies(
                        status -> {
                            assertThat(status.getAuthenticated()).isTrue();
                            assertThat(status.getAudiences()).containsExactly("somebody");
                            assertThat(status.getUser().getUsername())
                                    .isEqualTo("system:serviceaccount:default:default");
                        });
        assertThat(review(token, "another").getStatus().getAuthenticated()).isNotEqualTo(true);
        assertThat(review(token + "x", "somebody").getStatus().getError()).isNotEmpty();
    }

    private TokenReview review(String token, String audience) {
        return client.tokenReviews()
                .create(
                        new TokenReviewBuilder()
                                .withNewSpec()
                                .withToken(token)
                                .withAudiences(List.of(audience))
                                .endSpec()
                                .build());
    }

    @Test
    void reviewsSayWhoMayDoWhat() {
        try (KubernetesClient developer = fixture.client("developer")) {
            var self =
                    new SelfSubjectAccessReviewBuilder()
                            .withNewSpec()
                            .withNewResourceAttributes()
                            .withVerb("create")
                            .withResource("pods")
                            .withNamespace("default")
                            .endResourceAttributes()
                            .endSpec()
                            .build();
            var status =
                    developer
                            .authorization()
                            .v1()
                            .selfSubjectAccessReview()
                            .create(self)
                            .getStatus();
            assertThat(status.getAllowed()).isTrue();
            assertThat(status.getReason()).contains("RoleBinding \"developer/default\"");
            var rules =
                    new SelfSubjectRulesReviewBuilder()
                            .withNewSpec()
                            .withNamespace("default")
                            .endSpec()
                            .build();
            assertThat(
                            developer
                                    .authorization()
                                    .v1()
                                    .selfSubjectRulesReview()
                                    .create(rules)
                                    .getStatus()
                                    .getResourceRules())
                    .anyMatch(rule -> rule.getResources().contains("pods"));
            assertThatThrownBy(() -> developer.namespaces().list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    @Test
    void reviewsSayWhatOthersMay() {
        assertThat(mayDeveloper("kube-system")).isFalse();
        assertThat(mayDeveloper("default")).isTrue();
        var local =
                new LocalSubjectAccessReviewBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withUser("developer")
                        .withNewResourceAttributes()
                        .withVerb("get")
                        .withResource("pods")
                        .withNamespace("default")
                        .endResourceAttributes()
                        .endSpec()
                        .build();
        assertThat(
                        client.authorization()
                                .v1()
                                .localSubjectAccessReview()
                                .inNamespace("default")
                                .create(local)
                                .getStatus()
                                .getAllowed())
                .isTrue();
    }

    private boolean mayDeveloper(String namespace) {
        return client.authorization()
                .v1()
                .subjectAccessReview()
                .create(
                        new SubjectAccessReviewBuilder()
                                .withNewSpec()
                                .withUser("developer")
                                .withNewResourceAttributes()
                                .withVerb("delete")
                                .withResource("pods")
                                .withNamespace(namespace)
                                .endResourceAttributes()
                                .endSpec()
                                .build())
                .getStatus()
                .getAllowed();
    }

    @Test
    void anEvictedPodIsGone() {
        fixture.runningPod("p");
        assertThat(client.pods().inNamespace("default").withName("p").evict()).isTrue();
        assertThat(
                        client.pods()
                                .inNamespace("default")
                                .withName("p")
                                .get()
                                .getMetadata()
                                .getDeletionTimestamp())
                .isNotNull();
    }
}
