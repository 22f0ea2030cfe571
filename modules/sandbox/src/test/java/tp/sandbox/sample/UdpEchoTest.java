package tp.sandbox.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class UdpEchoTest {

    private static final int TIMEOUT_MS = 2_000;

    /** As many as an hour of readiness probes brings; the kernel's queue has room for 50. */
    @Test
    void isStillReadyAfterManyProbes() throws Exception {
        int port = freePort();
        int health = freePort();
        Thread.ofPlatform().daemon().start(() -> run(port, health));
        awaitOpen(health);
        for (int i = 0; i < 720; i++) {
            probe(health);
        }

        assertThat(echo(port)).isEqualTo(3);
    }

    private static void run(int port, int health) {
        try {
            UdpEcho.main(new String[] {Integer.toString(port), Integer.toString(health)});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitOpen(int port) throws IOException {
        long deadlineNs = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                probe(port);
                return;
            } catch (ConnectException e) {
                if (System.nanoTime() > deadlineNs) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private static void probe(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        }
    }

    private static int echo(int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.send(new DatagramPacket(new byte[3], 3));
            DatagramPacket answer = new DatagramPacket(new byte[9], 9);
            socket.receive(answer);
            return answer.getLength();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
