package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.DeleteOptions;
import tp.sandbox.store.Resources;

/** What kubectl keeps open: watches, waits, forwarded ports, logs. */
class KubectlStreamsTest {

    private static final int TRANSFER = 8 << 20;

    @TempDir Path home;
    private final ServerFixture fixture = new ServerFixture();

    @BeforeEach
    void needsKubectl() {
        Kubectl.assume();
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        return new Kubectl(fixture, home).start("admin", List.of(arguments), environment);
    }

    @Test
    void watchesUntilItIsEnded() throws Exception {
        fixture.runningPod("first");
        Process process = start(Map.of(), "get", "pods", "-w", "--no-headers");
        BufferedReader out = process.inputReader();
        assertThat(out.readLine()).startsWith("first");
        fixture.runningPod("second");
        assertThat(out.readLine()).startsWith("second").contains("Running");
        fixture.store.delete(Resources.PODS, "default", "first", DeleteOptions.atOnce());
        assertThat(out.readLine()).startsWith("first");
        process.destroy();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void waitsForConditionsAndDeletion() throws Exception {
        ObjectNode pod = fixture.runningPod("p");
        pod.withObject("/status/conditions/0").put("status", "False");
        fixture.store.updateStatus(Resources.PODS, pod);
        Process ready = start(Map.of(), "wait", "--for=condition=Ready", "pod/p", "--timeout=30s");
        ObjectNode now = fixture.store.get(Resources.PODS, "default", "p").orElseThrow();
        now.withObject("/status/conditions/0").put("status", "True");
        fixture.store.updateStatus(Resources.PODS, now);
        assertThat(ready.inputReader().readLine()).isEqualTo("pod/p condition met");
        Process gone = start(Map.of(), "wait", "--for=delete", "pod/p", "--timeout=30s");
        fixture.store.delete(Resources.PODS, "default", "p", DeleteOptions.atOnce());
        assertThat(gone.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(gone.exitValue()).isZero();
    }

    @Test
    void readsLogs() throws Exception {
        fixture.runningPod("p");
        assertThat(start(Map.of(), "logs", "p").inputReader().readLine()).isEqualTo("a line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void forwardsPorts(String overWebSocket) throws Exception {
        fixture.runningPod("p");
        try (EchoServer echo = new EchoServer()) {
            Process process =
                    start(
                            Map.of("KUBECTL_PORT_FORWARD_WEBSOCKETS", overWebSocket),
                            "port-forward",
                            "pod/p",
                            ":" + echo.port());
            try {
                String line = process.inputReader().readLine();
                assertThat(line).startsWith("Forwarding from 127.0.0.1:");
                int port =
                        Integer.parseInt(
                                line.substring(line.lastIndexOf(':') + 1, line.indexOf(" ->")));
                echoes(port);
                echoes(port);
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
    }

    /** Sends, ends its direction, and must get back all of it and then the end. */
    private static void echoes(int port) throws Exception {
        byte[] sent = new byte[TRANSFER];
        new Random(port).nextBytes(sent);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread writer = Thread.startVirtualThread(() -> write(socket, sent));
            byte[] back = socket.getInputStream().readAllBytes();
            writer.join();
            assertThat(Arrays.equals(back, sent)).isTrue();
        }
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void tellsOfARefusedPort() throws Exception {
        fixture.runningPod("p");
        int closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        Process process = start(Map.of(), "port-forward", "pod/p", ":" + closed);
        String line = process.inputReader().readLine();
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1, line.indexOf(" ->")));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream in = socket.getInputStream()) {
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(java.nio.file.Files.readString(home.resolve("stderr"), StandardCharsets.UTF_8))
                .contains("connection refused");
    }
}
