package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.Quic;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Answers the manager's question whether its client is at an address that it has packets from. The
 * client itself cannot know that its address changed. Stands between its UDP socket and the codec;
 * on the loop.
 */
final class MovingClient extends ChannelDuplexHandler {

    private static final int LONG_HEADER = 0x80;

    private final InetSocketAddress manager;
    private byte @Nullable [] secret;

    /** As the last packet to the manager had it; null before the handshake's end. */
    private byte @Nullable [] managersId;

    MovingClient(InetSocketAddress manager) {
        this.manager = manager;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && AddressProof.isOurs(packet.content())) {
            answer(ctx, packet);
            packet.release();
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void answer(ChannelHandlerContext ctx, DatagramPacket packet) {
        byte[] nonce = AddressProof.nonce(packet.content());
        if (nonce != null
                && secret != null
                && managersId != null
                && packet.sender().equals(manager)) {
            ByteBuf answer = AddressProof.answer(managersId, secret, nonce);
            ctx.writeAndFlush(new DatagramPacket(answer, manager));
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (managersId == null && message instanceof DatagramPacket packet) {
            ByteBuf content = packet.content();
            int start = content.readerIndex();
            if (content.readableBytes() > Quic.MAX_CONN_ID_LEN
                    && (content.getByte(start) & LONG_HEADER) == 0) {
                byte[] id = new byte[Quic.MAX_CONN_ID_LEN];
                content.getBytes(start + 1, id);
                managersId = id;
            }
        }
        ctx.write(message, promise);
    }

    /** {@return the reader of the stream on which the manager tells the secret} */
    ChannelHandler secretReader() {
        return new ChannelInboundHandlerAdapter() {
            private final byte[] bytes = new byte[AddressProof.SECRET_BYTES];
            private int count;

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf got = (ByteBuf) message;
                int more = Math.min(got.readableBytes(), bytes.length - count);
                got.readBytes(bytes, count, more).release();
                count += more;
                if (more > 0 && count == bytes.length) {
                    secret = bytes;
                }
            }
        };
    }
}
