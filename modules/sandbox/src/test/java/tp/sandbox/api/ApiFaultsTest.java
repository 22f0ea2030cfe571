package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Resources;

/** What an API server does that is restarted, stands still, or knows no token. */
class ApiFaultsTest {

    private static final int SOON_MS = 300;
    private static final int LIMIT_MS = 10_000;

    private final ServerFixture fixture = new ServerFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Socket connected() throws Exception {
        Socket socket = fixture.connect();
        socket.setSoTimeout(LIMIT_MS);
        assertThat(statusOf(socket, "GET", "/version", fixture.token("admin"), "")).isEqualTo(200);
        return socket;
    }

    private static int statusOf(
            Socket socket, String method, String path, String token, String body)
            throws IOException {
        ask(socket, method, path, token, body);
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
            int one = socket.getInputStream().read();
            if (one < 0) {
                throw new SocketException("end of file");
            }
            head += (char) one;
        }
        int length = Integer.parseInt(head.replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
        socket.getInputStream().readNBytes(length);
        return Integer.parseInt(head.split(" ", -1)[1]);
    }

    private static void ask(Socket socket, String method, String path, String token, String body)
            throws IOException {
        String request =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + token
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aRestartDropsConnectionsAndKeepsObjects() throws Exception {
        fixture.runningPod("stays");
        try (Socket before = connected()) {
            fixture.server.restart(Duration.ofSeconds(1));

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () -> statusOf(before, "GET", "/version", fixture.token("admin"), ""))
                    .isNotInstanceOf(SocketTimeoutException.class);
            assertThatExceptionOfType(ConnectException.class).isThrownBy(fixture::connect);
        }
        awaitBack();
        try (Socket after = connected()) {
            String pod = "/api/v1/namespaces/default/pods/stays";
            assertThat(statusOf(after, "GET", pod, fixture.token("admin"), "")).isEqualTo(200);
        }
    }

    private void awaitBack() throws Exception {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (true) {
            try (Socket back = fixture.connect()) {
                assertThat(back.isConnected()).isTrue();
                return;
            } catch (ConnectException e) {
                assertThat(System.nanoTime()).as("in time").isLessThan(deadlineNs);
            }
        }
    }

    @Test
    void aFrozenOneAcceptsAndSaysNothingUntilItGoesOn() throws Exception {
        try (Socket before = connected()) {
            fixture.server.freeze();
            try (Socket during = fixture.connect()) {
                during.setSoTimeout(SOON_MS);
                assertThatExceptionOfType(SocketTimeoutException.class)
                        .isThrownBy(() -> during.getOutputStream().write(0)); // the handshake
            }
            ask(before, "GET", "/version", fixture.token("admin"), "");
            before.setSoTimeout(SOON_MS);
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> before.getInputStream().read());

            fixture.server.goOn();
            before.setSoTimeout(LIMIT_MS);
            assertThat(before.getInputStream().read()).isEqualTo('H');
        }
        connected().close();
    }

    @Test
    void aFrozenOneCanBeRestartedAndClosed() throws Exception {
        fixture.server.freeze();
        fixture.server.freeze();
        fixture.server.restart(Duration.ZERO);
        awaitBack();
        connected().close();
        fixture.server.freeze(); // which is how it is closed
    }

    @Test
    void tokensAreRefusedInReviewsAndThenAltogether() throws Exception {
        String token = accountToken();
        String review =
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":\"%s\"}}"
                        .formatted(token);
        assertThat(authenticated(review)).isTrue();
        fixture.tokenFault = TokenFault.REFUSE;
        assertThat(authenticated(review)).isFalse();
        try (Socket socket = connected()) {
            assertThat(statusOf(socket, "GET", "/version", token, "")).isEqualTo(200);
            fixture.tokenFault = TokenFault.UNAUTHORIZED;
            assertThat(statusOf(socket, "GET", "/version", token, "")).isEqualTo(401);
            assertThat(statusOf(socket, "GET", "/version", fixture.token("admin"), ""))
                    .as("a person's own")
                    .isEqualTo(200);
        }
        assertThat(authenticated(review)).isFalse();
    }

    private String accountToken() {
        fixture.store.create(
                Resources.SERVICE_ACCOUNTS,
                ServerFixture.json("{\"metadata\":{\"name\":\"bot\",\"namespace\":\"default\"}}"));
        ObjectNode pod =
                fixture.store.create(
                        Resources.PODS,
                        ServerFixture.json(
                                """
                                {"metadata":{"name":"p"},
                                 "spec":{"serviceAccountName":"bot","containers":[{"name":"c","image":"i"}]}}
                                """));
        return fixture.server.issueToken(pod, java.util.List.of(), Duration.ofHours(1));
    }

    private boolean authenticated(String review) throws Exception {
        try (Socket socket = fixture.connect()) {
            socket.setSoTimeout(LIMIT_MS);
            String path = "/apis/authentication.k8s.io/v1/tokenreviews";
            ask(socket, "POST", path, fixture.token("admin"), review);
            String answer = "";
            while (!answer.contains("\"status\":")) {
                answer += (char) socket.getInputStream().read();
            }
            String rest =
                    new String(socket.getInputStream().readNBytes(30), StandardCharsets.US_ASCII);
            return rest.contains("\"authenticated\":true");
        }
    }
}
