package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static tp.tunnel.Tunnels.eventually;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.Sockets;
import tp.spi.transport.StreamLink;

/**
 * Requests for an echo, over links without datagrams (length 0) and with them. Those are long
 * enough here for all, since the manager's end of HTTP/2, which they go beside, opens no streams.
 */
class EchoFlowTest {

    private static final InetAddress TARGET = InetAddress.ofLiteral("10.244.0.7");

    static {
        Leaks.watch();
    }

    private final EventLoopGroup loops = Sockets.best().loops(2);
    private final AtomicInteger beside = new AtomicInteger();
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final Pod pod = new Pod();
    private volatile DialOutcome verdict = DialOutcome.ESTABLISHED;
    private volatile boolean refuses;
    private @Nullable SessionServer server;
    private @Nullable ClientSession session;

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    @AfterEach
    void close() {
        if (session != null) {
            session.close();
        }
        SessionServer last = server;
        if (last != null) {
            eventually(() -> last.statistics().connections() == 0);
            eventually(() -> last.statistics().flows() == 0);
        }
        pod.reader.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void whatIsAskedComesBackFromTheTarget(int datagramBytes) throws Exception {
        UdpFlow flow = open(datagramBytes).openEcho(TARGET, new Ears());
        for (int bytes : new int[] {0, 56, 8_000, 65_527}) {
            assertThat(flow.send(request(bytes + 1, bytes))).isTrue();
            assertThat(next()).isEqualTo("reply %d with %d".formatted(bytes + 1, bytes));
        }
        assertThat(beside.get() > 0).as("went beside the streams").isEqualTo(datagramBytes > 0);
        flow.close();
        assertThat(next()).isEqualTo("closed");
        eventually(() -> pod.closed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void whatCameBeforeTheRulesWereAskedIsNotLost(int datagramBytes) throws Exception {
        UdpFlow flow = open(datagramBytes).openEcho(TARGET, new Ears());
        for (int sequence = 1; sequence <= 5; sequence++) {
            flow.send(request(sequence, 8));
        }
        for (int sequence = 1; sequence <= 5; sequence++) {
            assertThat(next()).isEqualTo("reply " + sequence + " with 8");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void anErrorNamesItsRequest(int datagramBytes) throws Exception {
        pod.failure = EchoFailure.HOST_UNREACHABLE;
        UdpFlow flow = open(datagramBytes).openEcho(TARGET, new Ears());
        flow.send(request(65_535, 56));
        assertThat(next()).isEqualTo("failed 65535 HOST_UNREACHABLE");
        pod.failure = null;
        flow.send(request(3, 56));
        assertThat(next()).isEqualTo("reply 3 with 56");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void whatIsNotAllowedIsSaidAndNobodyIsAsked(int datagramBytes) throws Exception {
        verdict = DialOutcome.PROHIBITED;
        UdpFlow flow = open(datagramBytes).openEcho(TARGET, new Ears());
        flow.send(request(1, 56));
        assertThat(next()).isEqualTo("PROHIBITED");
        assertThat(next()).isEqualTo("closed");
        assertThat(pod.asked.get()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void whereNobodyCanBeAskedThereIsSilence(int datagramBytes) throws Exception {
        refuses = true;
        ClientSession opened = open(datagramBytes);
        UdpFlow flow = opened.openEcho(TARGET, new Ears());
        flow.send(request(1, 56));
        opened.prove(java.time.Duration.ofSeconds(5));
        flow.close();
        assertThat(next()).isEqualTo("closed");
    }

    /** Less than a sequence number is none. */
    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void aRequestThatIsCutOffIsCountedAndTheFlowGoesOn(int datagramBytes) throws Exception {
        UdpFlow flow = open(datagramBytes).openEcho(TARGET, new Ears());
        flow.send(request(1, 56));
        assertThat(next()).isEqualTo("reply 1 with 56");
        flow.send(ByteBuffer.allocate(1));
        flow.send(ByteBuffer.allocate(0));
        flow.send(request(2, 56));
        assertThat(next()).isEqualTo("reply 2 with 56");
        SessionServer counting = java.util.Objects.requireNonNull(server);
        assertThat(counting.statistics().malformed()).isEqualTo(2);
    }

    private String next() throws InterruptedException {
        return String.valueOf(said.poll(10, TimeUnit.SECONDS));
    }

    private static ByteBuffer request(int sequence, int bytes) {
        return ByteBuffer.allocate(2 + bytes).putShort(0, (short) sequence);
    }

    private ClientSession open(int datagramBytes) throws Exception {
        SessionServer serving = SessionServer.of(TestKey.SHARED, this::admit, loops);
        server = serving;
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        Channel listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(Sockets.of(loops).listener())
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.config().setAutoRead(false);
                                        accepted.add(channel);
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        Channel near =
                new Bootstrap()
                        .group(loops)
                        .channel(Sockets.of(loops).connection())
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.config().setAutoRead(false);
                                    }
                                })
                        .connect(listener.localAddress())
                        .sync()
                        .channel();
        Channel far = java.util.Objects.requireNonNull(accepted.poll(5, TimeUnit.SECONDS));
        listener.close();
        Pair ends = new Pair(datagramBytes);
        far.eventLoop()
                .submit(
                        () -> {
                            serving.accepted(
                                    ends.end(Http2Link.server(far), 0), far.remoteAddress());
                            far.config().setAutoRead(true);
                        })
                .sync();
        StreamLink nearEnd =
                near.eventLoop().submit(() -> ends.end(Http2Link.client(near), 1)).sync().getNow();
        near.config().setAutoRead(true);
        ClientSession opened =
                ClientSession.open(
                        nearEnd,
                        new ClientHello("test", "right", MappingRequest.everything()),
                        TestKey.SHARED.pin(),
                        new Deaf(),
                        loops);
        session = opened;
        return opened;
    }

    private Admission admit(ClientHello hello, SocketAddress peer) {
        return new Admission.Granted(new Grant());
    }

    /** The two ends of a link, which get datagrams of that length beside their streams. */
    private final class Pair {

        private final WithDatagrams[] ends = new WithDatagrams[2];
        private final int bytes;

        Pair(int bytes) {
            this.bytes = bytes;
        }

        StreamLink end(StreamLink streams, int index) {
            ends[index] = new WithDatagrams(streams, this, index);
            return ends[index];
        }
    }

    private final class WithDatagrams implements StreamLink {

        private final StreamLink streams;
        private final Pair pair;
        private final int index;
        private volatile @Nullable LinkEvents events;

        WithDatagrams(StreamLink streams, Pair pair, int index) {
            this.streams = streams;
            this.pair = pair;
            this.index = index;
        }

        @Override
        public EventLoop loop() {
            return streams.loop();
        }

        @Override
        public SocketAddress remoteAddress() {
            return streams.remoteAddress();
        }

        @Override
        public void start(LinkEvents taker) {
            events = taker;
            streams.start(taker);
        }

        @Override
        public Future<Channel> openStream(io.netty.channel.ChannelHandler handler) {
            return streams.openStream(handler);
        }

        @Override
        public int maxDatagramBytes() {
            return pair.bytes;
        }

        @Override
        public boolean sendDatagram(ByteBuf datagram) {
            assertThat(datagram.readableBytes()).isLessThanOrEqualTo(pair.bytes);
            beside.incrementAndGet();
            WithDatagrams other = pair.ends[1 - index];
            other.loop()
                    .execute(
                            () ->
                                    java.util.Objects.requireNonNull(other.events)
                                            .datagram(datagram));
            return true;
        }

        @Override
        public void close() {
            streams.close();
        }
    }

    /** Replies to everything, from a thread of its own, as the reader of sockets does. */
    private static final class Pod {

        private final ExecutorService reader = Executors.newSingleThreadExecutor();
        final AtomicInteger asked = new AtomicInteger();
        volatile boolean closed;
        volatile @Nullable EchoFailure failure;

        EchoTarget target(EchoTarget.Ears ears) {
            return new EchoTarget() {
                @Override
                public void ask(ByteBuffer echoed) {
                    asked.incrementAndGet();
                    byte[] bytes = new byte[echoed.remaining()];
                    echoed.get(bytes);
                    EchoFailure why = failure;
                    reader.execute(() -> answer(ears, bytes, why));
                }

                @Override
                public void close() {
                    closed = true;
                }
            };
        }

        private static void answer(EchoTarget.Ears ears, byte[] bytes, @Nullable EchoFailure why) {
            ByteBuffer echoed = ByteBuffer.wrap(bytes);
            if (why == null) {
                ears.replied(echoed);
            } else {
                ears.failed(echoed.getShort(0) & 0xffff, why);
            }
        }
    }

    private final class Ears implements EchoListener {
        @Override
        public void received(ByteBuf payload) {
            said.add(
                    "reply %d with %d"
                            .formatted(
                                    payload.getUnsignedShort(payload.readerIndex()),
                                    payload.readableBytes() - 2));
        }

        @Override
        public void failed(int sequence, EchoFailure reason) {
            said.add("failed " + sequence + " " + reason);
        }

        @Override
        public void unreachable(DialOutcome outcome) {
            said.add(outcome.name());
        }

        @Override
        public void closed() {
            said.add("closed");
        }
    }

    private final class Grant implements SessionGrant {
        @Override
        public String subject() {
            return "somebody";
        }

        @Override
        public Welcome welcome() {
            return Tunnels.WELCOME;
        }

        @Override
        public void opened(SessionControl control) {}

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            assertThat(new InetSocketAddress(address, port))
                    .isEqualTo(new InetSocketAddress(TARGET, 0));
            return verdict;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {}

        @Override
        public EchoTarget openEcho(InetAddress target, EchoTarget.Ears ears) throws IOException {
            if (refuses) {
                throw new IOException("as a cluster that does not let us");
            }
            return pod.target(ears);
        }

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

    private static final class Deaf implements SessionListener {
        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {}

        @Override
        public void closed(String reason) {}
    }
}
