package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;

/**
 * Makes gRPC messages of bytes: each begins with nine bytes at most, and the rest is not copied.
 */
final class ChunkWriter {

    /** A read of a flow's socket and its header fit; half of what a peer has to take. */
    private static final int MAX_DATA_BYTES = 128 * 1024;

    private static final int MAX_HEAD_BYTES = 9;

    /** Field 1, length-delimited. */
    private static final int DATA_TAG = (1 << 3) | 2;

    private ChunkWriter() {}

    /** Writes all bytes, which it takes over. */
    static void write(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (!bytes.isReadable()) {
            // Of many empty DATA frames peers think badly.
            bytes.release();
            promise.trySuccess();
            return;
        }
        while (bytes.readableBytes() > MAX_DATA_BYTES) {
            ctx.write(message(ctx, bytes.readRetainedSlice(MAX_DATA_BYTES)));
        }
        ctx.write(message(ctx, bytes), promise);
    }

    private static Http2DataFrame message(ChannelHandlerContext ctx, ByteBuf data) {
        int length = data.readableBytes();
        ByteBuf head = ctx.alloc().directBuffer(MAX_HEAD_BYTES);
        head.writeByte(0).writeInt(1 + varintBytes(length) + length).writeByte(DATA_TAG);
        int left = length;
        for (; left > 0x7f; left >>>= 7) {
            head.writeByte((left & 0x7f) | 0x80);
        }
        head.writeByte(left);
        return new DefaultHttp2DataFrame(
                ctx.alloc().compositeBuffer(2).addComponents(true, head, data), false);
    }

    private static int varintBytes(int value) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(value | 1);
        return (bits + 6) / 7;
    }
}
