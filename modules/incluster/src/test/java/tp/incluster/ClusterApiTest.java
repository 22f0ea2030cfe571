package tp.incluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

class ClusterApiTest {

    private static final String TOKEN_REVIEWS = "POST /apis/authentication.k8s.io/v1/tokenreviews";
    private static final String ACCESS_REVIEWS =
            "POST /apis/authorization.k8s.io/v1/subjectaccessreviews";

    @TempDir private Path directory;
    private FakeApi fake;
    private ClusterApi api;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeApi(directory);
        api = fake.api();
    }

    @AfterEach
    void stop() {
        api.close();
        fake.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"authenticated\":true,\"audiences\":[\"tp-manager/7\"],\"user\":{\"username\":\"sa\"}} | sa",
                "{\"authenticated\":true,\"audiences\":[\"api\"],\"user\":{\"username\":\"sa\"}} | not for the audience",
                "{\"authenticated\":true,\"user\":{\"username\":\"sa\"}} | not for the audience",
                "{\"authenticated\":false,\"error\":\"token has expired\"} | token has expired",
                "{} | does not accept the token",
            })
    void aTokenIsAcceptedOnlyForItsAudience(String status, String expected) throws IOException {
        fake.on(TOKEN_REVIEWS, 201, "{\"status\":" + status + "}");

        TokenVerdict verdict = api.reviewToken("secret", "tp-manager/7");

        String outcome =
                switch (verdict) {
                    case TokenVerdict.Accepted accepted -> accepted.identity().username();
                    case TokenVerdict.Rejected rejected -> rejected.reason();
                };
        assertThat(outcome).contains(expected);
        assertThat(fake.requests().element().body())
                .contains("\"token\":\"secret\"", "\"audiences\":[\"tp-manager/7\"]");
    }

    @Test
    void aTokenForTheApiServerItselfIsReviewedWithoutAnAudience() throws IOException {
        fake.on(
                TOKEN_REVIEWS,
                201,
                "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"sa\"}}}");

        assertThat(api.reviewToken("secret"))
                .isEqualTo(new TokenVerdict.Accepted(new Identity("sa", "", List.of(), Map.of())));
        assertThat(fake.requests().element().body()).doesNotContain("audiences");
    }

    @Test
    void theTokenOfThePodIsReadForEachCall() throws IOException {
        fake.on(TOKEN_REVIEWS, 201, "{}");
        api.reviewToken("t", "a");
        fake.token("second");
        api.reviewToken("t", "a");

        assertThat(fake.requests())
                .extracting(FakeApi.Request::authorization)
                .containsExactly("Bearer first", "Bearer second");
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"allowed\":true}', true",
        "'{\"allowed\":false}', false",
        "'{\"allowed\":true,\"denied\":true}', false",
        "'{}', false"
    })
    void accessIsForTheUserAsTheTokenNamedHim(String status, boolean allowed) throws IOException {
        fake.on(ACCESS_REVIEWS, 201, "{\"status\":" + status + "}");
        Identity who = new Identity("u", "1", List.of("g"), Map.of("k", List.of("v")));

        assertThat(api.mayConnect(who, "team-a")).isEqualTo(allowed);
        assertThat(fake.requests().element().body())
                .contains(
                        "\"user\":\"u\"",
                        "\"groups\":[\"g\"]",
                        "\"extra\":{\"k\":[\"v\"]}",
                        "\"namespace\":\"team-a\"",
                        "\"verb\":\"connect\"",
                        "\"group\":\"tp.dev\"",
                        "\"resource\":\"sessions\"");
    }

    @Test
    void withARoleTheQuestionIsAskedInTheNamespace() throws IOException {
        fake.on(
                "POST /apis/authorization.k8s.io/v1/namespaces/team-a/localsubjectaccessreviews",
                201,
                "{\"status\":{\"allowed\":true}}");
        Identity who = new Identity("u", "1", List.of("g"), Map.of());

        assertThat(api.mayForwardPorts(who, "team-a")).isTrue();
        assertThat(fake.requests().element().body())
                .contains(
                        "\"kind\":\"LocalSubjectAccessReview\"",
                        "\"metadata\":{\"namespace\":\"team-a\"}",
                        "\"verb\":\"create\"",
                        "\"resource\":\"pods\"",
                        "\"subresource\":\"portforward\"");
    }

    @Test
    void metricsAreAPathOfTheClusterAndAProxyOfANamespace() throws IOException {
        String allowed = "{\"status\":{\"allowed\":true}}";
        fake.on(ACCESS_REVIEWS, 201, allowed);
        fake.on(
                "POST /apis/authorization.k8s.io/v1/namespaces/tp-system/localsubjectaccessreviews",
                201,
                allowed);
        Identity who = new Identity("u", "1", List.of("g"), Map.of());

        assertThat(api.mayGetMetrics(who)).isTrue();
        assertThat(api.mayProxyToServices(who)).isTrue();
        assertThat(fake.requests())
                .extracting(FakeApi.Request::body)
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .contains("\"path\":\"/metrics\"", "\"verb\":\"get\""),
                        second ->
                                assertThat(second)
                                        .contains(
                                                "\"verb\":\"get\"",
                                                "\"resource\":\"services\"",
                                                "\"subresource\":\"proxy\""));
    }

    @Test
    void whatFailsSaysSoAndInTime() {
        fake.on(TOKEN_REVIEWS, 403, "{\"message\":\"forbidden: no\"}");
        assertThatThrownBy(() -> api.reviewToken("t", "a"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("403")
                .hasMessageContaining("forbidden: no");

        fake.on(TOKEN_REVIEWS, 502, "<html>");
        assertThatThrownBy(() -> api.reviewToken("t", "a")).hasMessageContaining("502");

        fake.on(TOKEN_REVIEWS, 200, "<html>");
        assertThatThrownBy(() -> api.reviewToken("t", "a")).hasMessageContaining("no JSON");

        fake.on(TOKEN_REVIEWS, (request, answer) -> endless(answer.stream()));
        assertThatThrownBy(() -> api.reviewToken("t", "a")).isInstanceOf(IOException.class);

        fake.close();
        assertThatThrownBy(() -> api.reviewToken("t", "a"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not reached");
    }

    @Test
    void aSecretKeepsItsBytes() throws IOException {
        byte[] bytes = {0, (byte) 0xff, 13, 10, (byte) 0x80};
        String object =
                "{\"metadata\":{\"uid\":\"u1\",\"resourceVersion\":\"7\"},"
                        + "\"data\":{\"key\":\"AP8NCoA=\"}}";
        fake.on("POST /api/v1/namespaces/tp-system/secrets", 201, object)
                .on("GET /api/v1/namespaces/tp-system/secrets/k", 200, object)
                .on("PUT /api/v1/namespaces/tp-system/secrets/k", 200, object);

        api.create(StoredData.Kind.SECRET, "k", Map.of("key", bytes));
        StoredData read = api.read(StoredData.Kind.SECRET, "k").orElseThrow();
        api.update(StoredData.Kind.SECRET, "k", read, read.data());

        assertThat(read.data().get("key")).isEqualTo(bytes);
        assertThat(read.uid()).isEqualTo("u1");
        assertThat(read.toString()).doesNotContain("AP8NCoA");
        assertThat(fake.requests())
                .filteredOn(request -> !request.body().isEmpty())
                .allSatisfy(one -> assertThat(one.body()).contains("\"key\":\"AP8NCoA=\""));
        assertThat(fake.requests())
                .filteredOn(request -> request.method().equals("PUT"))
                .allSatisfy(one -> assertThat(one.body()).contains("\"resourceVersion\":\"7\""));
    }

    @Test
    void whatIsNotThereIsNoFailure() throws IOException {
        assertThat(api.read(StoredData.Kind.CONFIG_MAP, "none")).isEmpty();
    }

    @Test
    void findsByFieldAndReadsOnlyWhatItKeeps() throws IOException {
        fake.on(
                "GET /api/v1/pods?limit=10&fieldSelector=status.podIP%3D10.244.0.7",
                200,
                """
                {"items":[{"metadata":{"name":"p","namespace":"n"},"spec":{},
                 "status":{"phase":"Running","podIP":"10.244.0.7",
                  "podIPs":[{"ip":"10.244.0.7"},{"ip":"fd00::7"},{"ip":"example.com"}]}},
                 {"metadata":{}}, 5]}
                """);

        assertThat(api.find(ResourceKind.PODS, "status.podIP=10.244.0.7"))
                .containsExactly(
                        new ClusterObject.Pod(
                                "n",
                                "p",
                                List.of(
                                        InetAddress.ofLiteral("10.244.0.7"),
                                        InetAddress.ofLiteral("fd00::7")),
                                false,
                                false));
    }

    @Test
    void aPodFindsItsApiServer() throws IOException {
        Files.writeString(directory.resolve("namespace"), "tp-system\n");
        Map<String, String> variables =
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443");

        PodEnvironment pod = PodEnvironment.of(variables, directory);

        assertThat(pod.server()).isEqualTo(URI.create("https://[fd00::1]:6443"));
        assertThat(pod.namespace()).isEqualTo("tp-system");
        assertThatThrownBy(() -> PodEnvironment.of(Map.of(), directory))
                .isInstanceOf(TpException.class);
        assertThatThrownBy(() -> PodEnvironment.of(variables, directory.resolve("none")))
                .isInstanceOf(TpException.class);
    }

    private static void endless(OutputStream out) throws IOException {
        byte[] piece = "[".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
        while (true) {
            out.write(piece);
        }
    }

    /** What the API server says to a Service with that address, and to kubeadm's ConfigMap. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "422 | provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/12 | 404 | '' | 10.96.0.0/12",
                "422 | the provided network does not match the current range | 200 | 10.0.0.0/16,fd00::/112 | 10.0.0.0/16 fd00::/112",
                "403 | services is forbidden | 200 | 10.0.0.0/16 | 10.0.0.0/16",
                "403 | services is forbidden | 403 | '' | ''",
                "201 | '' | 200 | nonsense | ''",
            })
    void rangesOfServicesAreFoundOutAsFarAsRightsAllow(
            int status, String message, int kubeadm, String subnets, String ranges)
            throws IOException {
        fake.on(
                "POST /api/v1/namespaces/tp-system/services?dryRun=All",
                (request, answer) ->
                        answer.json(
                                request.body().contains("198.51.100.1") ? status : 422,
                                "{\"message\":\"" + message + "\"}"));
        fake.on(
                "GET /api/v1/namespaces/kube-system/configmaps/kubeadm-config",
                kubeadm,
                "{\"data\":{\"ClusterConfiguration\":\"networking:\\n  serviceSubnet: "
                        + subnets
                        + "\\n\"}}");

        assertThat(api.serviceRanges().stream().distinct().map(Cidr::toString))
                .containsExactlyElementsOf(
                        ranges.isEmpty() ? List.of() : List.of(ranges.split(" ")));
    }
}
