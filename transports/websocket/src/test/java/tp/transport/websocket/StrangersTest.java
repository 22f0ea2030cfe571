package tp.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.testkit.Loops;
import tp.testkit.TestIdentity;

/** The manager's half against who is no tp client: an HTTP error, one report, and no link. */
@Timeout(60)
class StrangersTest {

    private static final TestIdentity IDENTITY = TestIdentity.create();
    private static final String GOOD =
            """
            GET /cluster-a/tp?x=y HTTP/1.1
            Host: x
            Upgrade: WebSocket
            Connection: keep-alive, Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Protocol: chat, tp.v1

            """
                    .replace("\n", "\r\n");

    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final BlockingQueue<Link> accepted = new LinkedBlockingQueue<>();
    private Listener listener;

    @BeforeEach
    void listen() throws IOException {
        listener =
                new WebSocketListenerProvider()
                        .listen(
                                new ListenerContext(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                        IDENTITY.key(),
                                        IDENTITY.certificate(),
                                        Loops.SHARED,
                                        new Recording()));
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private final class Recording implements LinkAcceptor {
        @Override
        public void accepted(Link link, SocketAddress peer) {
            accepted.add(link);
        }

        @Override
        public void refused(SocketAddress peer, String reason) {
            refused.add(reason);
        }
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(GOOD.replace("/tp?", "/other?"), 404, "nothing here but /tp"),
                Arguments.of(GOOD.replace("GET", "POST"), 426, "only websockets"),
                Arguments.of(GOOD.replace("Upgrade: WebSocket\r\n", ""), 426, "only websockets"),
                Arguments.of(GOOD.replace("n: 13", "n: 8"), 426, "only websockets"),
                Arguments.of(
                        GOOD.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello"),
                        426,
                        "only websockets"),
                Arguments.of(
                        GOOD.replaceAll("Sec-WebSocket-Key[^\n]*\n", ""), 400, "Key is missing"),
                Arguments.of(GOOD.replace(", tp.v1", ""), 400, "tp.v1 is not offered"),
                Arguments.of("SSH-2.0-OpenSSH_9.6\r\n\r\n", 400, "no HTTP"),
                Arguments.of(
                        "GET /tp HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n",
                        400,
                        "no HTTP"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void anotherRequestIsAnHttpErrorAndReportedOnce(String request, int status, String reason)
            throws Exception {
        String answer = say(request);

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(refused.poll(10, TimeUnit.SECONDS)).contains(reason);
        assertThat(refused).isEmpty();
        assertThat(accepted).isEmpty();
    }

    @Test
    void theRightRequestBecomesALink() throws Exception {
        try (Socket client = connect()) {
            client.getOutputStream().write(GOOD.getBytes(StandardCharsets.US_ASCII));
            assertThat(Raw.head(client.getInputStream()))
                    .startsWith("HTTP/1.1 101")
                    .containsIgnoringCase("sec-websocket-protocol: tp.v1");
            assertThat(accepted.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(refused).isEmpty();
    }

    /** Whoever offers HTTP/2 only meant another port, which has the same key. */
    @Test
    void anotherApplicationProtocolEndsInTheTlsHandshake() throws Exception {
        var context = javax.net.ssl.SSLContext.getInstance("TLS");
        context.init(null, new javax.net.ssl.TrustManager[] {IDENTITY.pin().trustManager()}, null);
        try (var client =
                (javax.net.ssl.SSLSocket)
                        context.getSocketFactory()
                                .createSocket(
                                        listener.address().getAddress(),
                                        listener.address().getPort())) {
            var parameters = client.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            client.setSSLParameters(parameters);

            org.assertj.core.api.Assertions.assertThatThrownBy(client::startHandshake)
                    .isInstanceOf(IOException.class);
        }
        assertThat(refused.poll(10, TimeUnit.SECONDS)).startsWith("no TLS: ");
    }

    @Test
    void whoOnlyLooksIsNotReported() throws Exception {
        connect().close();
        say(GOOD.replace("/tp?", "/other?"));

        assertThat(refused.poll(10, TimeUnit.SECONDS)).contains("nothing here but /tp");
        assertThat(refused).isEmpty();
    }

    /** The second is the beginning of a TLS record. */
    @Test
    void silenceHasAnEnd() throws Exception {
        List<String> firsts = List.of("", "\u0016\u0003\u0001\u0002\u0000", "GET /tp HTTP/1.1\r\n");
        long startNs = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var one : firsts.stream().map(f -> threads.submit(() -> say(f))).toList()) {
                assertThat(one.get()).isEmpty();
            }
        }

        assertThat(System.nanoTime() - startNs).isBetween(8_000_000_000L, 15_000_000_000L);
        for (int i = 0; i < firsts.size(); i++) {
            assertThat(refused.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(refused).isEmpty();
    }

    private Socket connect() throws IOException {
        return new Socket(listener.address().getAddress(), listener.address().getPort());
    }

    /** {@return all that was answered until the end} */
    private String say(String bytes) throws IOException {
        try (Socket client = connect()) {
            client.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
