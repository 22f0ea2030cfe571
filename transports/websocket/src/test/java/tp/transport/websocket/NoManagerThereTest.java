package tp.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.Assessment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.testkit.LoopbackCluster;
import tp.testkit.Loops;
import tp.testkit.Peer;

/** Each thing that may be at an address instead of the manager is told in one line. */
@Timeout(60)
class NoManagerThereTest {

    private final LoopbackCluster cluster = new LoopbackCluster();

    static Stream<Arguments> answers() {
        String upgrade =
                "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
        return Stream.of(
                Arguments.of(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
                        "the proxy at PLACE answered 200 OK with text/html"),
                Arguments.of(
                        "HTTP/1.1 502 Ouch\u001b[31m\r\nContent-Length: 0\r\n\r\n",
                        "the proxy at PLACE answered 502 Bad Gateway"),
                Arguments.of(
                        "HTTP/1.1 301 Moved\r\nLocation: https://login.example/?a\u00e9b\r\n\r\n",
                        "the proxy at PLACE answered 301 Moved Permanently and sends to https://login.example/?a?b"),
                Arguments.of(
                        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                        "the proxy at PLACE answered 404 Not Found"),
                Arguments.of("SSH-2.0-x\r\n\r\n", "what is at PLACE does not speak HTTP"),
                Arguments.of(" ", "what is at PLACE closed without an answer"),
                Arguments.of(
                        upgrade + "ACCEPT\r\n\r\n",
                        "what is at PLACE is no manager: Invalid subprotocol. Actual: null. Expected one of: tp.v1"),
                Arguments.of(
                        upgrade + "ACCEPT\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
                        "what is at PLACE is no manager: Invalid subprotocol. Actual: chat. Expected one of: tp.v1"),
                Arguments.of(
                        upgrade + "xxx\r\nSec-WebSocket-Protocol: tp.v1\r\n\r\n",
                        "what is at PLACE is no manager: "));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void whatComesInsteadIsOneLine(String answer, String line) throws Exception {
        try (Raw server = new Raw(answer)) {
            String place = "ws://127.0.0.1:" + server.port() + "/a/tp";

            assertThatThrownBy(() -> to(place).open())
                    .isInstanceOf(IOException.class)
                    .satisfies(
                            e ->
                                    assertThat(e.getMessage())
                                            .startsWith(line.replace("PLACE", place))
                                            .hasLineCount(1));
        }
    }

    @Test
    void silenceHasAnEnd() throws Exception {
        try (Raw server = new Raw("")) {
            long startNs = System.nanoTime();
            List<String> places =
                    Stream.of("ws", "wss")
                            .map(scheme -> scheme + "://127.0.0.1:" + server.port() + "/tp")
                            .toList();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var tries =
                        places.stream().map(one -> threads.submit(() -> to(one).open())).toList();
                for (int i = 0; i < places.size(); i++) {
                    String line = "what is at " + places.get(i) + " said nothing within 10 s";
                    assertThatThrownBy(tries.get(i)::get).hasMessageContaining(line);
                }
            }
            assertThat(System.nanoTime() - startNs).isLessThan(15_000_000_000L);
        }
    }

    @Test
    void aServerWithoutTlsIsOneLine() throws Exception {
        try (Raw server = Raw.atOnce("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            String place = "wss://127.0.0.1:" + server.port() + "/tp";

            assertThatThrownBy(() -> to(place).open())
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "no TLS with " + place + ": it answered something else; ");
        }
    }

    /** Neither what could be a password nor what could be a token is shown. */
    @Test
    void aLineHoldsNoSecret() {
        assertThatThrownBy(() -> to("ws://me:hush@127.0.0.1:1/tp?token=hush").open())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no connection to ws://127.0.0.1:1/tp: ")
                .hasMessageNotContaining("hush");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wss:tp", "wss:///tp", "ws://h:99999/tp"})
    void anAddressWithoutAHostIsOneLine(String address) {
        assertThatThrownBy(() -> to(address).open())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no address such as wss://HOST:PORT/tp");
    }

    @Test
    void whereTheGivenEndpointFailsTheApiServerIsNext() throws Exception {
        cluster.listen(ServiceProxyTransportTest.PATH, Peer.echo());
        try (Transport transport = to("ws://127.0.0.1:1/tp")) {
            assertThat(transport.open()).isNotNull();
        }
    }

    @Test
    void theAssessmentNamesTheWay() {
        assertThat(new WebSocketProvider().assess(context(List.of())))
                .isEqualTo(
                        new Assessment.Usable(
                                40,
                                "through the API server, with the right to get services/proxy"));
        assertThat(new WebSocketProvider().assess(context(List.of(given("wss://a.example")))))
                .isEqualTo(new Assessment.Usable(40, "to wss://a.example:443/tp"));
    }

    private Transport to(String address) {
        return new WebSocketProvider().create(context(List.of(given(address))));
    }

    private static Endpoint given(String address) {
        return new Endpoint(URI.create(address), Endpoint.Source.GIVEN);
    }

    private TransportContext context(List<Endpoint> endpoints) {
        return new TransportContext(
                cluster,
                new ManagerLocation("tp-system", "tp-manager-0", 8443),
                new ServerPin(""),
                endpoints,
                Loops.SHARED);
    }
}
