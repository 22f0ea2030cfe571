package tp.transport.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;

/** The UDP sockets below. */
final class QuicSockets {

    /** Bursts of a fast peer are not to be lost in our own kernel; it grants what it may. */
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;

    private static final int MAX_UDP_BYTES = 2048;

    private QuicSockets() {}

    /**
     * @param handlers in the order of the pipeline, the socket's side first
     */
    static Channel bind(EventLoopGroup loops, InetSocketAddress where, ChannelHandler... handlers)
            throws IOException {
        ChannelFuture bound =
                new Bootstrap()
                        .group(loops)
                        .channel(NioDatagramChannel.class)
                        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(MAX_UDP_BYTES))
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel socket) {
                                        socket.pipeline().addLast(handlers);
                                    }
                                })
                        .bind(where)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "no UDP socket on " + where.getPort() + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }
}
