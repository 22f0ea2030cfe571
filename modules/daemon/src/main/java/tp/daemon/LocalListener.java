package tp.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tp.spi.common.AddressText;
import tp.spi.common.TpException;
import tp.spi.transport.Sockets;

/**
 * Accepts, on the TUN's own addresses, the connections that the stack sends there. Every socket has
 * SO_LINGER 0 from the start: whatever ends this process resets the application's connection
 * instead of feigning an orderly end.
 */
final class LocalListener implements AutoCloseable {

    private static final int BACKLOG = 4_096;

    private final EventLoop loop;
    private final ServerBootstrap bootstrap;
    private final ChannelGroup servers;
    private final ChannelGroup accepted;
    private final AtomicLong failures = new AtomicLong();

    /**
     * @param taken told of every socket, on the loop, automatic reading off
     */
    LocalListener(EventLoop loop, Consumer<SocketChannel> taken) {
        this.loop = loop;
        servers = new DefaultChannelGroup(loop);
        accepted = new DefaultChannelGroup(loop);
        bootstrap =
                new ServerBootstrap()
                        .group(loop, loop)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .handler(new CountFailures(failures))
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.SO_LINGER, 0)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        accepted.add(channel);
                                        // Later, when the pipeline is active and may be changed.
                                        loop.execute(() -> taken.accept(channel));
                                    }
                                });
    }

    /** {@return the port that was free} */
    int bind(InetAddress address) {
        ServerBootstrap fresh = bootstrap.clone().channel(Sockets.of(loop).listener());
        return opened(address, fresh.bind(new InetSocketAddress(address, 0)));
    }

    /**
     * {@return the port of a socket that listens already, in whichever network namespace}
     *
     * @param socket taken over, whatever comes of it
     */
    int adopt(InetAddress address, int socket) {
        Sockets kind = Sockets.of(loop);
        return opened(
                address, bootstrap.clone().channelFactory(() -> kind.listening(socket)).register());
    }

    private int opened(InetAddress address, ChannelFuture opening) {
        ChannelFuture opened = opening.awaitUninterruptibly();
        Channel channel = opened.channel();
        if (!opened.isSuccess()) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot listen on " + AddressText.of(address) + " of tp's network device",
                    "see whether another program changes network devices, and connect again",
                    opened.cause());
        }
        servers.add(channel);
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** {@return how often accepting failed, which is where this process has too many files open} */
    long failures() {
        return failures.get();
    }

    int open() {
        return accepted.size();
    }

    /** Accepts no more and resets what is open; waits for it. */
    @Override
    public void close() {
        servers.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        if (!loop.isShuttingDown()) {
            loop.submit(() -> accepted.forEach(channel -> channel.unsafe().closeForcibly()))
                    .awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
    }

    /** Netty tries again a second later. */
    @ChannelHandler.Sharable
    private static final class CountFailures extends ChannelInboundHandlerAdapter {

        private final AtomicLong failures;

        CountFailures(AtomicLong failures) {
            this.failures = failures;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures.incrementAndGet();
        }
    }
}
