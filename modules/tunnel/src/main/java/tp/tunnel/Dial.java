package tp.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.channels.DatagramChannel;
import java.util.Locale;
import java.util.function.Consumer;

/** A connect from the manager to a target in the cluster. */
final class Dial {

    /**
     * Longer than any application here waits for silence: then its own kernel decides, not ours.
     */
    private static final int TIMEOUT_MS = 130_000;

    private final ChannelFuture connect;

    private Dial(ChannelFuture connect) {
        this.connect = connect;
    }

    static Dial start(
            EventLoop loop,
            ChannelFactory<? extends SocketChannel> sockets,
            InetSocketAddress target,
            Consumer<SocketChannel> connected,
            Consumer<DialOutcome> failed) {
        ChannelFuture connect =
                new Bootstrap()
                        .group(loop)
                        .channelFactory(sockets)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, TIMEOUT_MS)
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        Flow.prepare(channel);
                                    }
                                })
                        .connect(target);
        // Where no socket can be made Netty tells so on a thread of its own.
        connect.addListener(
                done -> {
                    if (done.isSuccess()) {
                        connected.accept((SocketChannel) connect.channel());
                    } else if (!done.isCancelled() && loop.inEventLoop()) {
                        failed.accept(outcome(done.cause(), target));
                    } else if (!done.isCancelled()) {
                        loop.execute(() -> failed.accept(outcome(done.cause(), target)));
                    }
                });
        return new Dial(connect);
    }

    void cancel() {
        if (!connect.isDone()) {
            connect.cancel(false);
            Channel channel = connect.channel();
            channel.close();
        }
    }

    /**
     * What a failed connect means. Java has a type for EHOSTUNREACH only and gives the rest as
     * text, that of strerror in the C locale, in which the manager runs; epoll's sockets too, with
     * that one type for ENETUNREACH as well.
     */
    static DialOutcome outcome(Throwable cause, InetSocketAddress target) {
        if (cause instanceof ConnectTimeoutException) {
            return DialOutcome.TIMED_OUT;
        }
        if (cause instanceof PortUnreachableException) {
            return DialOutcome.REFUSED;
        }
        if (cause instanceof NoRouteToHostException) {
            return hasRoute(target)
                    ? DialOutcome.HOST_UNREACHABLE
                    : DialOutcome.NETWORK_UNREACHABLE;
        }
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("refused")) {
            return DialOutcome.REFUSED;
        }
        if (text.contains("timed out")) {
            return DialOutcome.TIMED_OUT;
        }
        if (text.contains("no route to host") || text.contains("host is down")) {
            return DialOutcome.HOST_UNREACHABLE;
        }
        if (text.contains("permission denied") || text.contains("not permitted")) {
            return DialOutcome.PROHIBITED;
        }
        return DialOutcome.NETWORK_UNREACHABLE;
    }

    /** A socket for UDP is connected by a look at the routes and nothing else. */
    private static boolean hasRoute(InetSocketAddress target) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.connect(target);
            return true;
        } catch (IOException e) {
            return e instanceof NoRouteToHostException;
        }
    }
}
