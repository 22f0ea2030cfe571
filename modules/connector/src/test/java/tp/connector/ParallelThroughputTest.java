package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.spi.common.Assessment;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.testkit.TestIdentity;
import tp.tunnel.Admission;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.FlowKeep;
import tp.tunnel.MappingRequest;
import tp.tunnel.ServerKey;
import tp.tunnel.SessionControl;
import tp.tunnel.SessionGrant;
import tp.tunnel.SessionListener;
import tp.tunnel.SessionServer;
import tp.tunnel.Welcome;

/** Real sessions over pipes that each pass 64 KiB within a round trip of 20 ms. */
@Timeout(120)
class ParallelThroughputTest extends FakeSurroundings {

    private static final int DOWNLOADS = 4;
    private static final int BYTES = 4 << 20;
    private static final char[] PASSWORD = "testing".toCharArray();

    private final EventLoopGroup managerLoops = Sockets.best().loops(1);
    private final EventLoopGroup laptopLoops = Sockets.best().loops(1);
    private final AtomicInteger admitted = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private SessionServer server;
    private ServerSocket source;

    @BeforeEach
    void start() throws Exception {
        TestIdentity identity = TestIdentity.create();
        cluster.pin = identity.pin().spkiSha256();
        server =
                SessionServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        key(identity),
                        (hello, peer) -> {
                            admitted.incrementAndGet();
                            return new Admission.Granted(new Grant());
                        },
                        managerLoops);
        source = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    private static ServerKey key(TestIdentity identity) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "key", identity.key(), PASSWORD, new Certificate[] {identity.certificate()});
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, PASSWORD);
        return ServerKey.load(bytes.toByteArray(), PASSWORD);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        made.ifPresent(Connector::close);
        source.close();
        server.close();
        laptopLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        managerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    @Override
    ClusterSession open(Link link, ClientHello hello, ServerPin pin, SessionListener listener) {
        return new TunnelSession(
                ClientSession.open(link, hello, pin, listener, laptopLoops), FlowKeep.none());
    }

    @Test
    void fourLinksCarryFourDownloadsTwoAndAHalfTimesAsFast() throws Exception {
        double one = bitsPerSecond(1);
        double several = bitsPerSecond(4);
        System.out.printf(
                "%d downloads of %d MiB, 64 KiB per 20 ms and pipe: 1 link %.1f Mbit/s,"
                        + " 4 links %.1f Mbit/s, %.2f times%n",
                DOWNLOADS, BYTES >> 20, one / 1e6, several / 1e6, several / one);
        assertThat(several).isGreaterThanOrEqualTo(2.5 * one);
    }

    private double bitsPerSecond(int links) throws Exception {
        transports = List.of(new Narrow(links));
        admitted.set(0);
        Connector connector = connected();
        InetSocketAddress door = door(connector);
        try (Socket first = new Socket(door.getAddress(), door.getPort());
                Socket second = new Socket(door.getAddress(), door.getPort())) {
            // Each waits for its first byte, so that both flows are open.
            assertThat(first.getInputStream().read() + second.getInputStream().read()).isZero();
            until(() -> connector.link().openFlows() == 2);
            connector.sessionForFlow();
            until(() -> connector.link().openFlows() == 2 && admitted.get() == links);
        }
        until(() -> connector.link().openFlows() == 0 && spread(connector) == links);
        long beginNs = System.nanoTime();
        List<FutureTask<Long>> downloads = new ArrayList<>();
        for (int i = 0; i < DOWNLOADS; i++) {
            FutureTask<Long> download = new FutureTask<>(() -> download(door));
            downloads.add(download);
            Thread.ofVirtual().start(download);
        }
        long bytes = 0;
        for (FutureTask<Long> download : downloads) {
            bytes += download.get();
        }
        double seconds = Duration.ofNanos(System.nanoTime() - beginNs).toMillis() / 1e3;
        assertThat(bytes).isEqualTo((long) DOWNLOADS * BYTES);
        connector.close();
        return bytes * 8 / seconds;
    }

    private static long spread(Connector connector) {
        return java.util.stream.Stream.generate(connector::sessionForFlow)
                .limit(16)
                .distinct()
                .count();
    }

    private static long download(InetSocketAddress door) throws IOException {
        try (Socket socket = new Socket(door.getAddress(), door.getPort())) {
            return socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = source.accept();
                Thread.ofVirtual().start(() -> send(socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
            return;
        }
    }

    private static void send(Socket socket) {
        try (socket) {
            socket.getOutputStream().write(new byte[BYTES]);
        } catch (IOException e) {
            // Who reads has had enough.
            return;
        }
    }

    /** {@return where a connect becomes a flow to the source} As the data plane does it. */
    private InetSocketAddress door(Connector connector) throws Exception {
        InetSocketAddress target = (InetSocketAddress) source.getLocalSocketAddress();
        Channel listener =
                new ServerBootstrap()
                        .group(laptopLoops)
                        .channel(Sockets.of(laptopLoops).listener())
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel accepted) {
                                        connector
                                                .sessionForFlow()
                                                .orElseThrow()
                                                .dial(
                                                        target,
                                                        (outcome, flow) -> flow.attach(accepted));
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        open.add(() -> listener.close().await());
        return (InetSocketAddress) listener.localAddress();
    }

    /** A pipe each time it is opened. */
    private final class Narrow implements TransportProvider {

        private final int links;

        Narrow(int links) {
            this.links = links;
        }

        @Override
        public String id() {
            return "narrow";
        }

        @Override
        public Assessment assess(TransportContext context) {
            return new Assessment.Usable(1, "fits");
        }

        @Override
        public Transport create(TransportContext context) {
            return new Transport() {
                @Override
                public Link open() throws IOException {
                    return new ByteLink(
                            new NarrowPipe(java.nio.channels.SocketChannel.open(server.address())));
                }

                @Override
                public int parallelLinks() {
                    return links;
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final class Grant implements SessionGrant {
        @Override
        public String subject() {
            return "somebody";
        }

        @Override
        public Welcome welcome() {
            return new Welcome(
                    "0123456789abcdef",
                    1,
                    "test",
                    new Welcome.Zone("cluster.local", List.of()),
                    List.of(),
                    List.of(),
                    List.of("default"));
        }

        @Override
        public void opened(SessionControl control) {}

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            return DialOutcome.ESTABLISHED;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {}

        @Override
        public Optional<String> renew(String token) {
            return Optional.empty();
        }

        @Override
        public Optional<String> remap(MappingRequest wanted) {
            return Optional.empty();
        }

        @Override
        public void closed() {}
    }
}
