package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;

/**
 * A manager and a laptop in one process, over loopback. An application connects to {@link #door}
 * and is joined to a flow to a target, as the data plane does it.
 */
final class Tunnels implements AutoCloseable {

    static final Welcome WELCOME =
            new Welcome(
                    "0123456789abcdef",
                    7,
                    "test",
                    new Welcome.Zone("cluster.local", List.of(InetAddress.getLoopbackAddress())),
                    List.of(tp.spi.common.Cidr.parse("10.96.0.0/16")),
                    List.of(tp.spi.common.Cidr.parse("10.244.0.0/16")),
                    List.of("default"),
                    List.of("10.9.0.0/16", ".corp.example"),
                    "");

    /** So much can wait in the kernel before it is read. */
    private static final int DOOR_BYTES = 4 << 20;

    final EventLoopGroup managerLoops;
    final EventLoopGroup laptopLoops;
    final ServerKey key;
    final SessionServer server;
    final CountDownLatch closed = new CountDownLatch(1);
    private final FlowKeep keep;
    private final CountDownLatch end = new CountDownLatch(1);
    volatile String subject = "somebody";
    volatile long epoch = WELCOME.epoch();

    /** Run whenever the rules are asked about a dial, and about a flow that is open; may block. */
    volatile Runnable onReach = () -> {};

    volatile Runnable onStay = () -> {};
    volatile DialOutcome verdict = DialOutcome.ESTABLISHED;
    private volatile @Nullable SessionControl control;
    private @Nullable ClientSession session;
    private @Nullable Closeable pipe;

    Tunnels() throws Exception {
        this(Sockets.best());
    }

    Tunnels(Sockets kind) throws Exception {
        this(kind, 1, FlowGrace.USUAL, FlowKeep.none());
    }

    /**
     * @param loops of each side, among which links and flows are spread
     */
    Tunnels(Sockets kind, int loops, FlowGrace grace, FlowKeep keep) throws Exception {
        this(kind, loops, grace, keep, Outside.USUAL);
    }

    /**
     * @param outside of the manager
     */
    Tunnels(Sockets kind, int loops, FlowGrace grace, FlowKeep keep, Outside outside)
            throws Exception {
        managerLoops = kind.loops(loops);
        laptopLoops = kind.loops(loops);
        key = TestKey.SHARED;
        this.keep = keep;
        server = SessionServer.of(Tls.server(key), this::admit, managerLoops, grace, outside);
        server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private Admission admit(ClientHello hello, SocketAddress peer) {
        return hello.token().equals("right")
                ? new Admission.Granted(new Grant())
                : new Admission.Refused("the token is not for this manager");
    }

    ClientSession open() throws Exception {
        return open("right", key.pin());
    }

    ClientSession open(String token, ServerPin pin) throws Exception {
        java.nio.channels.SocketChannel opened =
                java.nio.channels.SocketChannel.open(server.address());
        opened.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
        pipe = opened;
        return open(new ByteLink(opened), token, pin);
    }

    /** Over a link that is a channel of Netty's, as that of some transports. */
    ClientSession openOnChannel() throws Exception {
        Channel opened =
                new Bootstrap()
                        .group(laptopLoops)
                        .channel(Sockets.of(laptopLoops).connection())
                        .option(ChannelOption.AUTO_READ, false)
                        .handler(new ChannelInboundHandlerAdapter())
                        .connect(server.address())
                        .sync()
                        .channel();
        pipe = opened::close;
        return open(new ChannelLink(opened), "right", key.pin());
    }

    private ClientSession open(Link link, String token, ServerPin pin) {
        ClientSession fresh = open(link, token, pin, keep);
        session = fresh;
        return fresh;
    }

    private ClientSession open(Link link, String token, ServerPin pin, FlowKeep flows) {
        ClientSession fresh =
                ClientSession.open(
                        link,
                        new ClientHello("test", token, MappingRequest.everything()),
                        pin,
                        new SessionListener() {
                            @Override
                            public void updated(Welcome welcome) {}

                            @Override
                            public void doubtful(String reason) {}

                            @Override
                            public void closed(String reason) {
                                closed.countDown();
                            }
                        },
                        laptopLoops,
                        flows);
        flows.carry(fresh);
        return fresh;
    }

    /** {@return another laptop, with an account of its own} */
    Client client(String account) throws java.io.IOException {
        String before = subject;
        subject = account;
        try {
            return new Client();
        } finally {
            subject = before;
        }
    }

    /** A laptop beside the first one. */
    final class Client implements AutoCloseable {

        private final FlowKeep own = FlowKeep.create();
        private final java.nio.channels.SocketChannel wire;
        private final ClientSession mine;

        private Client() throws java.io.IOException {
            wire = java.nio.channels.SocketChannel.open(server.address());
            mine = open(new ByteLink(wire), "right", key.pin(), own);
        }

        InetSocketAddress door(InetSocketAddress target) throws Exception {
            return Tunnels.this.door(mine, flow -> {}, target);
        }

        void cut() throws java.io.IOException {
            wire.close();
        }

        @Override
        public void close() {
            own.end();
            mine.close();
        }
    }

    ClientSession session() {
        return java.util.Objects.requireNonNull(session);
    }

    SessionControl control() {
        return java.util.Objects.requireNonNull(control);
    }

    /** Loses the link, as a transport does whose network went away. */
    void cut() throws java.io.IOException {
        java.util.Objects.requireNonNull(pipe).close();
    }

    /** {@return an address where a connect becomes a flow to that target} */
    InetSocketAddress door(InetSocketAddress target) throws Exception {
        return door(flow -> {}, target);
    }

    InetSocketAddress door(Consumer<TcpFlow> seen, InetSocketAddress target) throws Exception {
        return door(session(), seen, target);
    }

    private InetSocketAddress door(
            ClientSession to, Consumer<TcpFlow> seen, InetSocketAddress target) throws Exception {
        Channel listener =
                new ServerBootstrap()
                        .group(laptopLoops)
                        .channel(Sockets.of(laptopLoops).listener())
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .option(ChannelOption.SO_RCVBUF, DOOR_BYTES)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel accepted) {
                                        to.dial(
                                                target,
                                                (outcome, flow) ->
                                                        join(seen, accepted, outcome, flow));
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        return (InetSocketAddress) listener.localAddress();
    }

    private static void join(
            Consumer<TcpFlow> seen, SocketChannel accepted, DialOutcome outcome, TcpFlow flow) {
        if (outcome == DialOutcome.ESTABLISHED) {
            flow.attach(accepted);
            seen.accept(flow);
        } else {
            accepted.config().setSoLinger(0);
            accepted.close();
        }
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    interface Condition {
        boolean holds();
    }

    static void eventually(Condition condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadlineNs);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /**
     * A loop that is told to end at once may do so without closing its channels, so all of them are
     * waited for.
     */
    @Override
    public void close() {
        end.countDown();
        keep.end();
        ClientSession last = session;
        if (last != null) {
            last.close();
            eventually(() -> last.statistics().openFlows() == 0);
        }
        server.close();
        eventually(() -> server.statistics().connections() == 0);
        eventually(() -> server.statistics().flows() == 0);
        laptopLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        managerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Grant implements SessionGrant {

        private final String who = subject;
        private final long now = epoch;

        @Override
        public String subject() {
            return who;
        }

        @Override
        public Welcome welcome() {
            return new Welcome(
                    WELCOME.sessionId(),
                    now,
                    WELCOME.managerVersion(),
                    WELCOME.zone(),
                    WELCOME.serviceSubnets(),
                    WELCOME.podSubnets(),
                    WELCOME.namespaces(),
                    WELCOME.external(),
                    WELCOME.noEcho());
        }

        @Override
        public DialOutcome mayStay(InetAddress address, int port) {
            onStay.run();
            return verdict;
        }

        @Override
        public void opened(SessionControl opened) {
            control = opened;
        }

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            onReach.run();
            return verdict;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {
            byte[] answer = query.clone();
            answer[0] ^= 0x55;
            reply.accept(answer);
        }

        @Override
        public Optional<String> renew(String token) {
            return token.equals("right") ? Optional.empty() : Optional.of("not the right one");
        }

        @Override
        public Optional<String> remap(MappingRequest wanted) {
            if (wanted.names().contains("silence")) {
                awaitEnd();
            }
            if (wanted.names().contains("forbidden")) {
                return Optional.of("may not connect to forbidden");
            }
            control()
                    .update(
                            new Welcome(
                                    WELCOME.sessionId(),
                                    WELCOME.epoch(),
                                    WELCOME.managerVersion(),
                                    WELCOME.zone(),
                                    WELCOME.serviceSubnets(),
                                    WELCOME.podSubnets(),
                                    wanted.names()));
            return Optional.empty();
        }

        @Override
        public void closed() {}
    }
}
