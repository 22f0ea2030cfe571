package tp.kube;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.Link;
import tp.spi.transport.Transport;
import tp.testkit.Peer;
import tp.testkit.StreamContract;

/** The streams of a cluster keep what transports promise: here the ports of pods. */
class ApiStreamsTest extends StreamContract {

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLossOfTheConnectionEndsABlockedReadAndABlockedWrite(boolean reset) throws Exception {
        var deaf = new CountDownLatch(1);
        server.listen(
                stream -> {
                    try {
                        deaf.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                });
        try (Relay relay = new Relay(server.url());
                KubeCluster cluster = Clusters.open(folder, relay.url());
                ByteChannel stream = open(cluster.access())) {
            var reading = new FutureTask<>(() -> stream.read(ByteBuffer.allocate(8)));
            var writing =
                    new FutureTask<>(
                            () -> {
                                while (true) {
                                    stream.write(ByteBuffer.allocate(32 << 10));
                                }
                            });
            Thread.ofVirtual().start(reading);
            Thread.ofVirtual().start(writing);
            relay.drop(reset);

            for (FutureTask<?> task : List.of(reading, writing)) {
                assertThatThrownBy(() -> task.get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(IOException.class);
            }
        } finally {
            deaf.countDown();
        }
    }

    ByteChannel open(ClusterAccess access) throws IOException {
        return access.portForward("tp-system", "tp-manager-0", 8443);
    }

    private Transport toServer() throws IOException {
        KubeCluster cluster = Clusters.open(folder, server.url());
        open.add(cluster);
        return new Transport() {
            @Override
            public Link open() throws IOException {
                return new ByteLink(ApiStreamsTest.this.open(cluster.access()));
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }
}
