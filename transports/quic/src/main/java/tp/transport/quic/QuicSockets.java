package tp.transport.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import tp.spi.transport.Sockets;

/** The UDP sockets below. */
final class QuicSockets {

    /** Bursts of a fast peer are not to be lost in our own kernel; it grants what it may. */
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;

    /** One datagram; or as many as the kernel joined, where it does (UDP_GRO). */
    private static final int NIO_READ_BYTES = 2048;

    private static final int JOINED_READ_BYTES = 65_536;

    /**
     * Packets before an answer to them is made, unless there are no more: with one, which is what
     * an allocator of one's own has, the peer gets an acknowledgement for each.
     */
    private static final int MAX_READS = 16;

    private QuicSockets() {}

    /**
     * @param handlers in the order of the pipeline, the socket's side first
     */
    static Channel bind(EventLoopGroup loops, InetSocketAddress where, ChannelHandler... handlers)
            throws IOException {
        ChannelFuture bound =
                bootstrap(loops)
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
                    "no UDP socket on " + where.getPort() + ": " + Sockets.reason(bound.cause()),
                    bound.cause());
        }
        return bound.channel();
    }

    private static Bootstrap bootstrap(EventLoopGroup loops) {
        Sockets sockets = Sockets.of(loops);
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loops)
                        .channel(sockets.datagrams())
                        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES);
        return switch (sockets) {
            case NIO -> bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, reads(NIO_READ_BYTES));
            case EPOLL ->
                    bootstrap
                            .option(ChannelOption.RECVBUF_ALLOCATOR, reads(JOINED_READ_BYTES))
                            .option(EpollChannelOption.UDP_GRO, true);
        };
    }

    private static RecvByteBufAllocator reads(int bytes) {
        return new FixedRecvByteBufAllocator(bytes).maxMessagesPerRead(MAX_READS);
    }
}
