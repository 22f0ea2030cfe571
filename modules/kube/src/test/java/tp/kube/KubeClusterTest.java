package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

@Timeout(60)
class KubeClusterTest {

    private @TempDir Path folder;
    private FakeApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = new FakeApiServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void opensWithTheUsersCredentialsAndTellsWhereItIs() throws IOException {
        try (KubeCluster cluster = Clusters.open(folder, server.url())) {
            assertThat(cluster.context()).isEqualTo("dev");
            assertThat(cluster.server()).isEqualTo(server.url());
            assertThat(cluster.namespace()).isEqualTo("team-a");
            assertThat(cluster.toString()).contains("dev").doesNotContain(Clusters.SECRET);
        }
        assertThat(server.asked())
                .isNotEmpty()
                .allSatisfy(
                        asked ->
                                assertThat(asked.authorization())
                                        .isEqualTo("Bearer " + Clusters.SECRET));
    }

    @Test
    void eachRightIsAskedAboutByItself() throws IOException {
        server.reviews(body -> !body.contains("portforward"));
        try (KubeCluster cluster = Clusters.open(folder, server.url())) {
            assertThat(
                            cluster.rights().entrySet().stream()
                                    .filter(right -> !right.getValue())
                                    .map(right -> right.getKey().told()))
                    .containsExactly(
                            "get pods/portforward in tp-system",
                            "create pods/portforward in tp-system");
            assertThat(cluster.rights()).hasSize(6);
        }
    }

    @Test
    void whatIsMissingToDoWithoutAManagerIsNamed() throws IOException {
        List<String> refused = List.of("\"endpointslices\"", "\"portforward\"");
        server.reviews(body -> refused.stream().noneMatch(body::contains));
        try (KubeCluster cluster = Clusters.open(folder, server.url())) {
            assertThat(cluster.missingWithoutManager("team-a"))
                    .containsExactly(
                            "list on endpointslices.discovery.k8s.io in team-a",
                            "watch on endpointslices.discovery.k8s.io in team-a",
                            "get on pods/portforward in team-a",
                            "create on pods/portforward in team-a");
            assertThat(server.asked()).as("a question for each right").hasSize(1 + 8);
            assertThat(cluster.missingToForward(List.of("team-a")))
                    .contains("get on pods/portforward in team-a");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, Unauthorized, refused the credentials, log in again, ENVIRONMENT",
        "403, User cannot get path /version, cannot get path /version, docs/rbac.md, ENVIRONMENT",
        "503, starting, starting, try again, TRANSIENT",
        "418, teapot, teapot, kubectl, ENVIRONMENT",
    })
    void aRefusalIsOneLine(int code, String message, String told, String next, Category category)
            throws IOException {
        server.on("GET", "/version", code, FakeApiServer.failure(code, "Reason", message));

        assertTold(server.url(), category).contains(told).contains(next);
        // The client asks a token's provider again after a 401, for one that can renew it.
        assertThat(server.asked()).hasSize(code == 401 ? 2 : 1);
    }

    @Test
    void anAnswerThatIsNotJsonIsOneLine() throws IOException {
        server.on("GET", "/version", 502, "<html>\n<p>Bad gateway</p>\n</html>");

        assertTold(server.url(), Category.TRANSIENT).contains("try again");
    }

    @Test
    void aPortWhereNobodyListensIsUnreachable() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        assertTold("https://127.0.0.1:" + port, Category.TRANSIENT)
                .contains("https://127.0.0.1:" + port, "cannot be reached", "refused", "check");
    }

    @ParameterizedTest
    @CsvSource({"404, true", "403, false", "503, false"})
    void onlyAServerThatSaysSoLacksANamespace(int code, boolean lacks) throws IOException {
        server.on(
                "GET",
                "/api/v1/namespaces/there",
                200,
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"there\"}}");
        server.on(
                "GET",
                "/api/v1/namespaces/other",
                code,
                FakeApiServer.failure(code, "Failure", "no"));
        try (KubeCluster cluster = Clusters.open(folder, server.url())) {
            assertThat(cluster.lacksNamespace("there")).isFalse();
            assertThat(cluster.lacksNamespace("other")).isEqualTo(lacks);
        }
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            String address = "http://127.0.0.1:" + socket.getLocalPort();
            Surroundings hasty = Clusters.surroundings(Pace.ofSystem(), Duration.ofMillis(500));

            assertThatThrownBy(() -> Clusters.open(folder, address, hasty).close())
                    .isInstanceOf(TpException.class)
                    .hasMessageContaining(address + " cannot be reached");
        }
    }

    @Test
    void aNameThatDoesNotExistIsUnreachable() throws IOException {
        assertTold("https://no-such-host.invalid:6443", Category.TRANSIENT)
                .contains("cannot be reached", "name is not known");
    }

    @Test
    void aServerWithoutTlsIsAFailureOfTls() throws IOException {
        assertTold(server.url().replace("http:", "https:"), Category.ENVIRONMENT)
                .contains("no TLS connection", "certificate-authority");
    }

    @Test
    void anUnusableKeyIsToldWithoutItsContent() throws IOException {
        String secret = "TVktU0VDUkVULUtFWQ==";
        Path file =
                Clusters.write(
                        folder,
                        "config",
                        Clusters.kubeconfig("https://127.0.0.1:1")
                                .replace(
                                        "token: " + Clusters.SECRET,
                                        "client-certificate-data: "
                                                + secret
                                                + ", client-key-data: "
                                                + secret));

        assertThatThrownBy(
                        () ->
                                KubeCluster.open(
                                        new KubeSettings(Optional.of(file), Optional.empty()),
                                        Clusters.surroundings(Pace.ofSystem())))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            assertThat(e.line()).contains("certificates or keys");
                            assertThat(e).hasNoCause();
                        });
    }

    private org.assertj.core.api.AbstractStringAssert<?> assertTold(
            String address, Category category) throws IOException {
        var told = new String[1];
        assertThatThrownBy(() -> Clusters.open(folder, address).close())
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            told[0] = e.line();
                            assertThat(e.category()).isEqualTo(category);
                            assertThat(e.nextStep()).isNotBlank();
                            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                                assertThat(String.valueOf(cause.getMessage()))
                                        .doesNotContain(Clusters.SECRET);
                            }
                        });
        return assertThat(told[0]).hasLineCount(1).doesNotContain(Clusters.SECRET);
    }
}
