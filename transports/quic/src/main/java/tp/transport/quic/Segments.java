package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Sockets;

/**
 * How one connection sends many packets by one system call (UDP_SEGMENT), which is most of its
 * speed. The kernel does so only where one packet is no longer than the path's MTU, and not over
 * every device: a connection whose segments it refuses sends packets one by one from then on, which
 * the kernel fragments if need be. What was refused is lost, and sent again by QUIC.
 *
 * <p>Netty's own allocator is in a module that does not read that of the sockets.
 */
final class Segments implements SegmentedDatagramPacketAllocator {

    /** Of 1350 bytes each: as long as a UDP datagram may be, nearly. */
    private static final int MAX_SEGMENTS = 40;

    /**
     * Linux' EIO (the device cannot), EINVAL and EMSGSIZE (a packet is longer than the MTU), and
     * EOPNOTSUPP. Others pass, such as that there is no route.
     */
    private static final Set<Integer> REFUSALS = Set.of(5, 22, 90, 95);

    private boolean refused;

    private Segments() {}

    /** {@return what is for one connection over that socket} */
    static SegmentedDatagramPacketAllocator over(Channel socket) {
        return Sockets.of(socket.eventLoop()) == Sockets.EPOLL
                        && EpollDatagramChannel.isSegmentedDatagramPacketSupported()
                ? new Segments()
                : SegmentedDatagramPacketAllocator.NONE;
    }

    @Override
    public int maxNumSegments() {
        return refused ? 0 : MAX_SEGMENTS;
    }

    @Override
    public DatagramPacket newPacket(ByteBuf packets, int segmentBytes, InetSocketAddress to) {
        return new Several(this, packets, segmentBytes, to);
    }

    /** {@return the same packets to another place} */
    static DatagramPacket to(InetSocketAddress recipient, DatagramPacket packet) {
        return packet instanceof SegmentedDatagramPacket several
                ? new SegmentedDatagramPacket(packet.content(), several.segmentSize(), recipient)
                : new DatagramPacket(packet.content(), recipient);
    }

    /** Stands between the codec and the socket; on the loop. */
    static ChannelHandler watch() {
        return new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ChannelPromise told = promise;
                if (message instanceof Several several) {
                    told = promise.unvoid();
                    told.addListener(
                            sent -> {
                                several.from.refused |= isRefusal(sent.cause());
                            });
                }
                ctx.write(message, told);
            }
        };
    }

    private static boolean isRefusal(@Nullable Throwable cause) {
        return cause instanceof NativeIoException error && REFUSALS.contains(-error.expectedErr());
    }

    private static final class Several extends SegmentedDatagramPacket {

        private final Segments from;

        Several(Segments from, ByteBuf packets, int segmentBytes, InetSocketAddress to) {
            super(packets, segmentBytes, to);
            this.from = from;
        }
    }
}
