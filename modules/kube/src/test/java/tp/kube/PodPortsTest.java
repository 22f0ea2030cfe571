package tp.kube;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.transport.Transport;
import tp.testkit.Peer;
import tp.testkit.StreamContract;

/** The streams of a cluster keep what transports promise. */
class PodPortsTest extends StreamContract {

    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeApiServer server;
    private @TempDir Path folder;

    @BeforeEach
    void start() throws Exception {
        server = new FakeApiServer();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        server.close();
    }

    @Override
    protected Transport transportTo(Peer peer) throws Exception {
        server.listen(peer);
        return toServer();
    }

    @Override
    protected Transport transportToNobody() throws Exception {
        return toServer();
    }

    private Transport toServer() throws IOException {
        KubeCluster cluster = Clusters.open(folder, server.url());
        open.add(cluster);
        return new Transport() {
            @Override
            public ByteChannel open() throws IOException {
                return cluster.access().portForward("tp-system", "tp-manager-0", 8443);
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }
}
