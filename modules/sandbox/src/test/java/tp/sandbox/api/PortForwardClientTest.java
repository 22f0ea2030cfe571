package tp.sandbox.api;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tp.kube.KubeCluster;
import tp.kube.KubeSettings;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.Transport;
import tp.testkit.Peer;
import tp.testkit.StreamContract;

/**
 * Ports of pods, judged by the client that tp itself uses: what it promises to transports holds
 * over the websocket's own channels.
 */
class PortForwardClientTest extends StreamContract {

    private final ServerFixture fixture = new ServerFixture();
    private final List<AutoCloseable> open = new ArrayList<>();
    private @TempDir Path home;
    Gate gate;

    @BeforeEach
    void start() throws IOException {
        fixture.runningPod("p");
        gate = new Gate(fixture);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        // The gate last: closing a TLS socket waits for its blocked writer.
        fixture.close();
        gate.close();
    }

    @Override
    protected Transport transportTo(Peer peer) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open.add(listener);
        Thread.ofVirtual().start(() -> accept(listener, peer));
        return transport("p", ((InetSocketAddress) listener.getLocalAddress()).getPort());
    }

    @Override
    protected Transport transportToNobody() throws IOException {
        return transport("nobody", 1);
    }

    Transport transport(String pod, int port) throws IOException {
        Path kubeconfig =
                Files.writeString(
                        home.resolve("config"), fixture.server.kubeconfig("admin", gate.url()));
        KubeCluster cluster =
                KubeCluster.open(new KubeSettings(Optional.of(kubeconfig), Optional.empty()));
        open.add(cluster);
        return new Transport() {
            @Override
            public Link open() throws IOException {
                return new ByteLink(cluster.access().portForward("default", pod, port));
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }

    private static void accept(ServerSocketChannel listener, Peer peer) {
        try {
            while (true) {
                SocketChannel socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket, peer));
            }
        } catch (IOException e) {
            // Closed: the test is over.
            return;
        }
    }

    private static void serve(SocketChannel socket, Peer peer) {
        try (socket) {
            try {
                peer.serve(socket);
            } catch (IOException e) {
                // As when a program in a pod dies with unread bytes: a reset.
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // The client's to notice.
            return;
        }
    }
}
