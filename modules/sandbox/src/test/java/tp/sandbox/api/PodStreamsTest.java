package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.sandbox.store.Resources;

/** Programs in pods and requests to pods, as kubectl asks for them. */
@Timeout(60)
class PodStreamsTest {

    @TempDir Path home;
    private final ServerFixture fixture = new ServerFixture();
    private Kubectl kubectl;

    @BeforeEach
    void prepare() {
        Kubectl.assume();
        kubectl = new Kubectl(fixture, home);
        fixture.runningPod("p");
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Kubectl.Result kubectl(String input, String... arguments) throws Exception {
        return kubectl.run("admin", List.of(arguments), input);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo out; echo err >&2        |      | out  | err | 0",
                "exit 3                        |      | ''   | command terminated with exit code 3 | 3",
                "read line; echo \"got $line\" | word | got word | '' | 0",
                "cat                           | to the end | to the end | '' | 0"
            })
    void runsPrograms(String program, String input, String out, String err, int exit)
            throws Exception {
        Kubectl.Result result =
                input == null
                        ? kubectl("", "exec", "p", "--", "sh", "-c", program)
                        : kubectl(input + "\n", "exec", "-i", "p", "--", "sh", "-c", program);
        assertThat(result.out().strip()).isEqualTo(out);
        assertThat(result.err()).contains(err);
        assertThat(result.exit()).isEqualTo(exit);
    }

    @Test
    void carriesMuchInBothDirections() throws Exception {
        String text = "0123456789abcdef".repeat(200_000);
        Kubectl.Result result = kubectl(text, "exec", "-i", "p", "--", "cat");
        assertThat(result.out().length()).isEqualTo(text.length());
        assertThat(result.out().equals(text)).isTrue();
    }

    @Test
    void copiesFiles() throws Exception {
        Path from = Files.writeString(home.resolve("from"), "copied");
        Path to = home.resolve("to");
        assertThat(kubectl("", "cp", from.toString(), "p:" + to).err()).isEmpty();
        assertThat(to).hasContent("copied");
    }

    @Test
    void aProgramEndsWithItsClient() throws Exception {
        Process exec =
                kubectl.start(
                        "admin",
                        List.of("exec", "p", "--", "sh", "-c", "echo $$; exec sleep 1000"),
                        Map.of());
        long pid = Long.parseLong(exec.inputReader().readLine());
        exec.destroy();
        ProcessHandle.of(pid)
                .ifPresent(
                        program ->
                                assertThat(program.onExit()).succeedsWithin(10, TimeUnit.SECONDS));
    }

    @Test
    void refusesAContainerThatDoesNotRun() throws Exception {
        var pod = fixture.runningPod("ended");
        pod.withObject("/status").putArray("containerStatuses");
        fixture.store.updateStatus(Resources.PODS, pod);
        assertThat(kubectl("", "exec", "ended", "--", "true").err())
                .contains("container not found (\"c\")");
        assertThat(kubectl("", "exec", "p", "-c", "nope", "--", "true").err())
                .contains("container nope is not valid for pod p");
    }

    @Test
    void attachesToWhatIsWritten() throws Exception {
        assertThat(kubectl("", "attach", "p").out()).contains("a line");
    }

    @Test
    void passesRequestsOn() throws Exception {
        HttpServer web =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext(
                "/",
                exchange -> {
                    byte[] answer =
                            (exchange.getRequestMethod()
                                            + " "
                                            + exchange.getRequestURI()
                                            + " "
                                            + exchange.getRequestHeaders()
                                                    .containsKey("Authorization"))
                                    .getBytes(UTF_8);
                    exchange.sendResponseHeaders(
                            200,
                            exchange.getRequestURI().getPath().endsWith("chunked")
                                    ? 0
                                    : answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        web.start();
        try {
            String pods =
                    "/api/v1/namespaces/default/pods/p:" + web.getAddress().getPort() + "/proxy";
            assertThat(kubectl("", "get", "--raw", pods + "/a/b%20c?d=e").out())
                    .isEqualTo("GET /a/b%20c?d=e false");
            assertThat(kubectl("", "get", "--raw", pods).out()).isEqualTo("GET / false");
            assertThat(kubectl("", "get", "--raw", pods + "/chunked").out())
                    .isEqualTo("GET /chunked false");
            service(web.getAddress().getPort());
            String service = "/api/v1/namespaces/default/services/";
            for (String name : List.of("web", "web:http", "http:web:80")) {
                assertThat(kubectl("", "get", "--raw", service + name + "/proxy/x").out())
                        .isEqualTo("GET /x false");
            }
            assertThat(kubectl("", "get", "--raw", service + "web:none/proxy/").err())
                    .contains("no service port \"none\" found for service \"web\"");
        } finally {
            web.stop(0);
        }
    }

    private void service(int port) {
        fixture.store.create(
                Resources.SERVICES,
                ServerFixture.json(
                        "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"name\":\"http\",\"port\":80}]}}"));
        fixture.store.create(
                Resources.ENDPOINT_SLICES,
                ServerFixture.json(
                        """
                        {"metadata":{"name":"web-1","labels":{"kubernetes.io/service-name":"web"}},
                         "addressType":"IPv4","ports":[{"name":"http","port":%d}],
                         "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},
                           "targetRef":{"kind":"Pod","name":"p"}}]}
                        """
                                .formatted(port)));
    }

    @Test
    void tellsOfAServiceThatNobodyServes() throws Exception {
        fixture.store.create(
                Resources.SERVICES,
                ServerFixture.json(
                        "{\"metadata\":{\"name\":\"none\"},\"spec\":{\"ports\":[{\"port\":80}]}}"));
        assertThat(
                        kubectl(
                                        "",
                                        "get",
                                        "--raw",
                                        "/api/v1/namespaces/default/services/none/proxy/")
                                .err())
                .contains("no endpoints available for service \"none\"");
    }

    /** An upgrade to a protocol that nobody knows: bytes go through as they are, to the end. */
    @Test
    void passesUpgradesOn() throws Exception {
        try (ServerSocket backend = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = fixture.connect()) {
            Thread.startVirtualThread(() -> shout(backend));
            String request =
                    """
                    GET /api/v1/namespaces/default/pods/p:%d/proxy/ HTTP/1.1\r
                    Host: x\r
                    Authorization: Bearer %s\r
                    Connection: Upgrade\r
                    Upgrade: shout\r
                    \r
                    """
                            .formatted(backend.getLocalPort(), fixture.token("admin"));
            client.getOutputStream().write(request.getBytes(UTF_8));
            assertThat(readTo("\r\n\r\n", client)).startsWith("HTTP/1.1 101");
            client.getOutputStream().write("hello".getBytes(UTF_8));
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("HELLO");
        }
    }

    private static void shout(ServerSocket backend) {
        try (Socket socket = backend.accept()) {
            readTo("\r\n\r\n", socket);
            String answer =
                    """
                    HTTP/1.1 101 Switching Protocols\r
                    Connection: Upgrade\r
                    Upgrade: shout\r
                    \r
                    """;
            socket.getOutputStream().write(answer.getBytes(UTF_8));
            String word = readTo("hello", socket);
            socket.getOutputStream().write(word.toUpperCase(Locale.ROOT).getBytes(UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String readTo(String end, Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            int next = socket.getInputStream().read();
            assertThat(next).as(text.toString()).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }
}
