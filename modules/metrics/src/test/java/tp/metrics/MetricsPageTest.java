package tp.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page, asked over real sockets. */
class MetricsPageTest {

    private static final String GOOD = "GET /metrics HTTP/1.1\r\nAuthorization: Bearer good\r\n";

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<String> tokens = new ArrayList<>();
    private final Channel listener =
            new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new MetricsPage((peer, token) -> judge(token), () -> "text"))
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .syncUninterruptibly()
                    .channel();

    private MetricsGuard.Verdict judge(String token) {
        tokens.add(token);
        return switch (token) {
            case "" -> MetricsGuard.Verdict.UNKNOWN;
            case "other" -> MetricsGuard.Verdict.FORBIDDEN;
            case "later" -> MetricsGuard.Verdict.UNDECIDED;
            case "bug" -> throw new IllegalStateException("a bug");
            default -> MetricsGuard.Verdict.ALLOWED;
        };
    }

    @AfterEach
    void stop() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /metrics       | Bearer good | 200 OK                    | text",
                "GET /metrics       | bearer good | 200 OK                    | text",
                "GET /metrics       | Basic Z29vZA== | 401 Unauthorized       | Show the token",
                "GET /metrics       | Bearer other | 403 Forbidden            | may not get",
                "GET /metrics       | Bearer later | 503 Service Unavailable  | ask again",
                "GET /metrics       | Bearer bug  | 500 Internal Server Error | See the log",
                "GET /              | Bearer good | 404 Not Found             | Only /metrics",
                "GET /metrics/x     | Bearer good | 404 Not Found             | Only /metrics",
                "POST /metrics      | Bearer good | 405 Method Not Allowed    | Only GET",
                "rubbish            | Bearer good | 400 Bad Request           | no request",
            })
    void eachRequestHasItsAnswer(String request, String shown, String status, String body)
            throws IOException {
        String answer =
                ask(request + " HTTP/1.1\r\nHost: tp\r\nAuthorization: " + shown + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + "\r\n");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n"))).contains(body);
    }

    @Test
    void whatIsTooLongIsRefusedBeforeItIsRead() throws IOException {
        String header = "X: " + "a".repeat(20_000) + "\r\n";
        assertThat(ask("GET /metrics HTTP/1.1\r\n" + header + "\r\n")).contains(" 400 ");
        assertThat(ask("GET /" + "a".repeat(2_000) + " HTTP/1.1\r\n\r\n")).contains(" 400 ");
        assertThat(tokens).isEmpty();
        assertThat(ask(GOOD + "Content-Length: 100000\r\n\r\n")).contains(" 200 ");
    }

    @Test
    void onlySoManyMayAskAtOnce() throws IOException {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            silent.add(socket());
        }
        assertThat(ask(GOOD + "\r\n")).isEmpty();
        for (Socket one : silent) {
            one.close();
        }
        String answer = "";
        while (answer.isEmpty()) { // until the page has heard that they are gone
            answer = ask(GOOD + "\r\n");
        }
        assertThat(answer).contains(" 200 ");
    }

    private Socket socket() throws IOException {
        InetSocketAddress at = (InetSocketAddress) listener.localAddress();
        Socket socket = new Socket(at.getAddress(), at.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private String ask(String request) throws IOException {
        try (Socket socket = socket()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.SocketException e) {
            return ""; // sent away
        }
    }
}
