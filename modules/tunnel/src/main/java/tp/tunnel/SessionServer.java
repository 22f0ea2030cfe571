package tp.tunnel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.EndBeforeReset;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.Sockets;
import tp.spi.transport.StreamLink;

/**
 * The manager's listener: takes sessions over TLS, and opens nothing before the host let them in.
 */
public final class SessionServer implements LinkAcceptor, AutoCloseable {

    /** Connections that may be open at once, let in or not. */
    private static final int MAX_CONNECTIONS = 2048;

    /** Of those, one account's: the others are for others. A client may have four of them. */
    private static final int MAX_OF_ONE_ACCOUNT = MAX_CONNECTIONS / 2;

    private final EventLoopGroup loops;
    private final SslContext tls;
    private final SessionHost host;
    private final Outside outside;
    private final RefusalLog refusals;
    private final LongAdder malformed = new LongAdder();
    private final Totals totals = new Totals();
    private final AtomicInteger flows = new AtomicInteger();
    private final AtomicInteger dials = new AtomicInteger();
    private final AtomicInteger waitingDials = new AtomicInteger();
    private final Clients clients = new Clients(MAX_OF_ONE_ACCOUNT);
    private final Map<EventLoop, ReadTurns> turns = new ConcurrentHashMap<>();
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Channel listener;

    private final KeptFlows kept;

    private SessionServer(
            SslContext tls,
            SessionHost host,
            EventLoopGroup loops,
            FlowGrace grace,
            Outside outside) {
        this.loops = loops;
        kept = new KeptFlows(grace, loops);
        this.host = host;
        this.outside = outside;
        refusals = outside.refusals();
        this.tls = tls;
    }

    /**
     * {@return a server for the links that listeners of transports take, without a port of its own
     * yet}
     *
     * @param loops owned by the caller
     */
    public static SessionServer of(
            ServerKey key, SessionHost host, EventLoopGroup loops, FlowGrace grace)
            throws SSLException {
        return of(Tls.server(key), host, loops, grace, Outside.USUAL);
    }

    static SessionServer of(
            SslContext tls,
            SessionHost host,
            EventLoopGroup loops,
            FlowGrace grace,
            Outside outside) {
        return new SessionServer(tls, host, loops, grace, outside);
    }

    public static SessionServer of(ServerKey key, SessionHost host, EventLoopGroup loops)
            throws SSLException {
        return of(key, host, loops, FlowGrace.USUAL);
    }

    /** {@return one that listens at that address} */
    public static SessionServer start(
            InetSocketAddress bind, ServerKey key, SessionHost host, EventLoopGroup loops)
            throws IOException, InterruptedException {
        SessionServer server = of(key, host, loops);
        server.listen(bind);
        return server;
    }

    /**
     * Starts to listen, once.
     *
     * @return the address, with the port that was given
     */
    public InetSocketAddress listen(InetSocketAddress bind)
            throws IOException, InterruptedException {
        Channel bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(Sockets.of(loops).listener())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(new Accept())
                        .bind(bind)
                        .sync()
                        .channel();
        listener = bound;
        return (InetSocketAddress) bound.localAddress();
    }

    public InetSocketAddress address() {
        Channel bound = listener;
        if (bound == null) {
            throw new IllegalStateException("listen() was not called");
        }
        return (InetSocketAddress) bound.localAddress();
    }

    /** {@return how many clients are let in} */
    public int sessions() {
        return (int) connections.stream().filter(ServerConnection::admitted).count();
    }

    public ServerStatistics statistics() {
        return new ServerStatistics(
                connections.size(),
                sessions(),
                flows.get(),
                dials.get(),
                refusals.count(),
                malformed.sum(),
                kept.statistics(),
                new ServerStatistics.Shares(
                        clients.heldBytes(), waitingDials.get(), clients.exceeded()),
                totals.sum());
    }

    /** Says goodbye to every client and stops listening. */
    @Override
    public void close() {
        Channel bound = listener;
        if (bound != null) {
            bound.close().awaitUninterruptibly();
        }
        connections.forEach(connection -> connection.revoke("the manager is shutting down"));
    }

    EventLoopGroup loops() {
        return loops;
    }

    KeptFlows kept() {
        return kept;
    }

    Outside outside() {
        return outside;
    }

    RefusalLog refusals() {
        return refusals;
    }

    Totals totals() {
        return totals;
    }

    LongAdder malformed() {
        return malformed;
    }

    AtomicInteger flows() {
        return flows;
    }

    Clients clients() {
        return clients;
    }

    /** {@return what that loop's clients are read by} */
    ReadTurns turns(EventLoop loop) {
        return turns.computeIfAbsent(loop, ReadTurns::new);
    }

    /** {@return how many dials wait until others of their connection have ended} */
    AtomicInteger waitingDials() {
        return waitingDials;
    }

    AtomicInteger dials() {
        return dials;
    }

    void ended(ServerConnection connection) {
        connections.remove(connection);
    }

    /**
     * Takes a link that a listener of a transport accepted. Who speaks on it proves itself as on
     * any other.
     */
    @Override
    public void accepted(Link link, SocketAddress peer) {
        switch (link) {
            case ChannelLink bytes -> {
                accepted(secured(bytes.bytes()), peer);
                bytes.bytes().config().setAutoRead(true);
            }
            case StreamLink streams -> accepted(streams, peer);
            case ByteLink bytes -> {
                PipeChannel channel = new PipeChannel(bytes.bytes());
                loops.register(channel);
                accepted(secured(channel), peer);
            }
        }
    }

    private void accepted(StreamLink link, SocketAddress peer) {
        if (connections.size() >= MAX_CONNECTIONS) {
            refused(peer, "there are too many connections");
            link.close();
            return;
        }
        ServerConnection connection = new ServerConnection(this, link, peer, host);
        connections.add(connection);
        connection.start();
    }

    @Override
    public void refused(SocketAddress peer, String reason) {
        refusals.refused(peer, reason);
    }

    private StreamLink secured(Channel channel) {
        channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        return Http2Link.server(channel);
    }

    private final class Accept extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(EndBeforeReset.HANDLER);
            accepted(secured(channel), channel.remoteAddress());
        }
    }
}
