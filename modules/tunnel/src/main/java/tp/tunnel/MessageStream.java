package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream as a sequence of messages: takes DATA frames apart, however they were cut, and
 * hands each message to its {@link Receiver}.
 */
final class MessageStream extends ChannelInboundHandlerAdapter {

    /** Who gets what a stream brings; called on the event loop. */
    interface Receiver {
        /** A message; the receiver releases its payload. */
        void received(Message message);

        /** All that came in one go was handed over. */
        default void receivedAll() {}

        /** {@return the longest body that may come now} */
        default int maxBodyBytes() {
            return MessageCodec.MAX_BODY_BYTES;
        }

        /** The stream may be written to again, or no longer. */
        default void writabilityChanged() {}

        /** The stream is gone, in order or not. */
        void closed();
    }

    private final Receiver receiver;
    private final Runnable malformed;
    private @Nullable ByteBuf partial;

    /** Whether the partial message is in a buffer of our own that holds nothing else. */
    private boolean growing;

    /**
     * @param malformed told of bytes that are no message, after which the stream is closed
     */
    MessageStream(Receiver receiver, Runnable malformed) {
        this.receiver = receiver;
        this.malformed = malformed;
    }

    /** Sends a message on a stream; takes over its payload. Flushing is the caller's. */
    static void write(Channel stream, Message message) {
        ByteBuf bytes = MessageCodec.encode(stream.alloc(), message);
        stream.write(new DefaultHttp2DataFrame(bytes, false), stream.voidPromise());
    }

    static void writeAndFlush(Channel stream, Message message) {
        write(stream, message);
        stream.flush();
    }

    /** Lets go of a message that nobody wants. */
    static void release(Message message) {
        if (message instanceof Message.Data data) {
            data.payload().release();
        } else if (message instanceof Message.Datagram datagram) {
            datagram.payload().release();
        }
    }

    /** Ends a stream after everything that was written to it. */
    static void end(Channel stream) {
        if (stream.isActive()) {
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true))
                    .addListener(done -> stream.close());
        } else {
            stream.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2DataFrame data) {
            take(ctx, data.content());
        } else {
            ReferenceCountUtil.release(frame);
        }
    }

    /** Owns the content. */
    private void take(ChannelHandlerContext ctx, ByteBuf content) {
        ByteBuf bytes = content;
        ByteBuf first = partial;
        if (first != null) {
            partial = null;
            bytes = join(ctx, first, content);
        }
        int start = bytes.readerIndex();
        try {
            while (bytes.readableBytes() >= MessageCodec.HEADER_BYTES) {
                int length = bytes.getUnsignedMedium(bytes.readerIndex() + 1);
                if (length > receiver.maxBodyBytes()) {
                    throw new WireException("a body of " + length);
                }
                if (bytes.readableBytes() < MessageCodec.HEADER_BYTES + length) {
                    break;
                }
                int type = bytes.readUnsignedByte();
                bytes.skipBytes(3);
                receiver.received(MessageCodec.decode(type, bytes.readSlice(length)));
            }
            if (bytes.isReadable()) {
                partial = bytes.retain();
                growing = first != null && bytes.readerIndex() == start;
            }
        } catch (WireException e) {
            malformed.run();
            ctx.close();
        } finally {
            bytes.release();
        }
    }

    /** Copies what comes once, also where a message comes byte by byte. */
    private ByteBuf join(ChannelHandlerContext ctx, ByteBuf first, ByteBuf second) {
        ByteBuf joined = first;
        if (!growing) {
            joined = ctx.alloc().directBuffer(first.readableBytes() + second.readableBytes());
            joined.writeBytes(first);
            first.release();
        }
        joined.writeBytes(second);
        second.release();
        return joined;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        receiver.receivedAll();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        receiver.writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (partial != null) {
            partial.release();
            partial = null;
        }
        receiver.closed();
    }

    /** The stream's or the link's own error; closing it tells the receiver. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
