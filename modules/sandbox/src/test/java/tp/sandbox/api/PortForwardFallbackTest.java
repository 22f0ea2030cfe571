package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Transport;
import tp.testkit.Peer;

/** The same through a proxy that refuses the channels: over the tunnel, and when it is tried. */
class PortForwardFallbackTest extends PortForwardClientTest {

    private static final String CHANNELS = PodStreams.CHANNELS;
    private static final String TUNNEL = PodStreams.TUNNEL;

    /** What a kubelet says to subprotocols that it does not know. */
    private static final String BARE_403 = "403 Forbidden\r\nContent-Length: 0\r\n\r\n";

    private static final String DENIED =
            status(403, "Forbidden", "pods \\\"p\\\" is forbidden: User \\\"u\\\" cannot get");

    @BeforeEach
    void refuseChannels() {
        gate.answer(CHANNELS, BARE_403);
    }

    private static String status(int code, String reason, String message) {
        return Gate.body(
                code + " " + reason,
                "application/json",
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d,\"reason\":\"%s\",\"message\":\"%s\"}"
                        .formatted(code, reason, message));
    }

    static List<Arguments> answersThatAnotherSubprotocolMayChange() {
        return List.of(
                Arguments.of("a kubelet", BARE_403),
                Arguments.of(
                        "an API server's text",
                        Gate.body(
                                "400 Bad Request",
                                "text/plain",
                                "unable to upgrade: unable to negotiate protocol: client supports"
                                        + " [v4.channel.k8s.io], server accepts [SPDY/3.1]")),
                Arguments.of(
                        "an API server's object",
                        status(400, "BadRequest", "unable to upgrade: no such subprotocol")),
                Arguments.of(
                        "403 with that text",
                        Gate.body("403 Forbidden", "text/plain", "unable to upgrade: no")),
                Arguments.of(
                        "a proxy's page",
                        Gate.body("400 Bad Request", "text/html", "<html>\n<b>No.</b>")),
                Arguments.of("no subprotocol in the answer", Gate.SWITCH));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersThatAnotherSubprotocolMayChange")
    void theTunnelIsTriedAndTheNextTimeFirst(String what, String answer) throws Exception {
        gate.answer(CHANNELS, answer);
        try (Transport transport = transportTo(Peer.echo())) {
            echo(transport);
            assertThat(gate.offered()).as(what).containsExactly(CHANNELS, TUNNEL);
            echo(transport);
            assertThat(gate.offered()).containsExactly(CHANNELS, TUNNEL, TUNNEL);

            gate.answer(TUNNEL, answer);
            gate.pass(CHANNELS);
            echo(transport);
            assertThat(gate.offered()).endsWith(TUNNEL, CHANNELS);
        }
    }

    static List<Arguments> answersThatStay() {
        return List.of(
                Arguments.of(
                        DENIED,
                        "the API server refused to open default/p:8443 (403): get and create on"
                                + " pods/portforward are needed"),
                Arguments.of(
                        Gate.body("403 Forbidden", "text/plain", "Forbidden (user=u, verb=create)"),
                        "the API server refused to open default/p:8443 (403): get and create on"
                                + " pods/portforward are needed"),
                Arguments.of(
                        status(401, "Unauthorized", "Unauthorized"),
                        "the API server refused the credentials (401)"),
                Arguments.of(
                        status(404, "NotFound", "no such pod"),
                        "there is no such pod: default/p:8443 (404)"),
                Arguments.of(
                        status(400, "BadRequest", "the pod is not running"),
                        "the API server did not open default/p:8443 (status 400): the pod is not"
                                + " running"),
                Arguments.of(
                        "503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
                        "nothing answers at default/p:8443 (status 503)"));
    }

    @ParameterizedTest
    @MethodSource("answersThatStay")
    void noOtherAnswerIsAskedForTwice(String answer, String line) throws Exception {
        gate.answer(CHANNELS, answer);
        try (Transport transport = transport("p", 8443)) {
            assertThatThrownBy(transport::open).isInstanceOf(IOException.class).hasMessage(line);
        }
        assertThat(gate.offered()).containsOnly(CHANNELS);
    }

    @Test
    void whereBothFailTheLineHasBothReasons() throws Exception {
        gate.answer(TUNNEL, Gate.body("400 Bad Request", "text/plain", "unable to upgrade:\nno"));
        try (Transport transport = transport("p", 8443)) {
            assertThatThrownBy(transport::open)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "v4.channel.k8s.io: the API server refused to open default/p:8443 (403):"
                                    + " get and create on pods/portforward are needed;"
                                    + " SPDY/3.1+portforward.k8s.io: the API server did not open"
                                    + " default/p:8443 (status 400): unable to upgrade: no");
        }
        assertThat(gate.offered()).containsExactly(CHANNELS, TUNNEL);
    }

    @Test
    void aPortThatNobodyListensOnIsTheReason() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        try (Transport transport = transport("p", port);
                ByteChannel stream = ((ByteLink) transport.open()).bytes()) {
            assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(8)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("connection refused")
                    .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
        }
    }

    private static void echo(Transport transport) throws IOException {
        try (ByteChannel stream = ((ByteLink) transport.open()).bytes()) {
            stream.write(ByteBuffer.wrap(new byte[] {7}));
            ByteBuffer answer = ByteBuffer.allocate(8);
            assertThat(stream.read(answer)).isOne();
            assertThat(answer.get(0)).isEqualTo((byte) 7);
        }
    }
}
