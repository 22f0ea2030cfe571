package tp.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
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
            InetSocketAddress target,
            Consumer<SocketChannel> connected,
            Consumer<DialOutcome> failed) {
        ChannelFuture connect =
                new Bootstrap()
                        .group(loop)
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, TIMEOUT_MS)
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        Flow.prepare(channel);
                                    }
                                })
                        .connect(target);
        connect.addListener(
                done -> {
                    if (done.isSuccess()) {
                        connected.accept((SocketChannel) connect.channel());
                    } else if (!done.isCancelled()) {
                        failed.accept(outcome(done.cause()));
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
     * text, that of strerror in the C locale, in which the manager runs.
     */
    static DialOutcome outcome(Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return DialOutcome.TIMED_OUT;
        }
        if (cause instanceof NoRouteToHostException) {
            return DialOutcome.HOST_UNREACHABLE;
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
}
