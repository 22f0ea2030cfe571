package tp.sandbox.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import tp.spi.common.TpException;

/**
 * The sockets that the API server listens on. It may be stopped and opened again, and be frozen as
 * a process that got a SIGSTOP: the kernel goes on accepting, and nothing else happens.
 */
final class Listener implements AutoCloseable {

    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_CHUNK = 64 << 10;
    private static final int BACKLOG = 1_024;

    /** High enough to keep a TLS connection busy, low enough that back-pressure is felt soon. */
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(256 << 10, 512 << 10);

    private final EventLoopGroup loops;
    private final SslContext tls;
    private final Consumer<Exchange> server;

    /** Guarded by this, as all below. */
    private List<InetSocketAddress> addresses;

    private final List<Channel> channels = new ArrayList<>();
    private ChannelGroup connections = newGroup();
    private CountDownLatch frozen = new CountDownLatch(0);

    private Listener(
            EventLoopGroup loops,
            SslContext tls,
            List<InetSocketAddress> addresses,
            Consumer<Exchange> server) {
        this.loops = loops;
        this.tls = tls;
        this.addresses = addresses;
        this.server = server;
    }

    static Listener start(
            List<InetSocketAddress> addresses,
            Authority.Identity identity,
            X509Certificate issuer,
            Consumer<Exchange> server) {
        Listener listener =
                new Listener(
                        new MultiThreadIoEventLoopGroup(
                                0,
                                new DefaultThreadFactory("api", true),
                                NioIoHandler.newFactory()),
                        tls(identity, issuer),
                        addresses,
                        server);
        try {
            listener.open();
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    private static SslContext tls(Authority.Identity identity, X509Certificate issuer) {
        try {
            return SslContextBuilder.forServer(identity.key(), identity.certificate())
                    // The authenticator looks at the certificate, so that the answer to a
                    // wrong one is 401 and not a broken connection.
                    .trustManager(new Unverified(issuer))
                    .clientAuth(ClientAuth.OPTIONAL)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("the API server cannot speak TLS", e);
        }
    }

    private static ChannelGroup newGroup() {
        return new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    }

    /** Listens, at the same addresses as before, and goes on where it was frozen. */
    synchronized void open() {
        frozen.countDown();
        if (!channels.isEmpty() || loops.isShuttingDown()) {
            return;
        }
        connections = newGroup();
        for (InetSocketAddress address : addresses) {
            channels.add(bind(address, connections));
        }
        addresses = channels.stream().map(one -> (InetSocketAddress) one.localAddress()).toList();
    }

    /** Takes no connection any more, and drops those that there are without a word of TLS. */
    synchronized void stop() {
        frozen.countDown();
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
        channels.clear();
        connections.forEach(Listener::drop);
        connections.close().awaitUninterruptibly();
    }

    /** Below TLS, which has nothing to say any more. One that is closing has no handlers. */
    private static void drop(Channel connection) {
        ChannelHandlerContext lowest = connection.pipeline().firstContext();
        if (lowest != null) {
            Outbound.close(lowest);
        }
    }

    /** Returns when all stands still. */
    synchronized void freeze() {
        if (frozen.getCount() > 0) {
            return;
        }
        CountDownLatch goOn = new CountDownLatch(1);
        frozen = goOn;
        List<Future<?>> still = new ArrayList<>();
        for (EventExecutor loop : loops) {
            Promise<Void> stands = loop.newPromise();
            still.add(stands);
            loop.execute(
                    () -> {
                        stands.setSuccess(null);
                        awaitQuietly(goOn);
                    });
        }
        still.forEach(Future::awaitUninterruptibly);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Channel bind(InetSocketAddress address, ChannelGroup accepted) {
        var bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(tls.newHandler(channel.alloc()))
                                                .addLast(
                                                        new HttpServerCodec(
                                                                MAX_LINE, MAX_LINE, MAX_CHUNK))
                                                .addLast(new BodyLimit())
                                                .addLast(new Connection(channel, server));
                                        accepted.add(channel);
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw TpException.environment(
                    "the API server cannot listen on %s: %s".formatted(address, bound.cause()),
                    "is a sandbox running already?");
        }
        return bound.channel();
    }

    synchronized List<InetSocketAddress> addresses() {
        return addresses;
    }

    @Override
    public void close() {
        stop();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
