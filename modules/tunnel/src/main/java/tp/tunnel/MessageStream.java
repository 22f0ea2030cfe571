package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.StreamEnd;

/**
 * One stream of a link as a sequence of messages: takes the bytes apart, however they were cut, and
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

        /** The peer has said all; the stream is gone in a moment. */
        default void ended() {}

        /** The stream is gone, in order or not. */
        void closed();
    }

    private static final int END_SECONDS = 10;

    private final Receiver receiver;
    private final Runnable malformed;
    private @Nullable ByteBuf partial;

    /** Whether the partial message is in a buffer of our own that holds nothing else. */
    private boolean growing;

    private boolean ended;

    /**
     * @param malformed told of bytes that are no message, after which the stream is closed
     */
    MessageStream(Receiver receiver, Runnable malformed) {
        this.receiver = receiver;
        this.malformed = malformed;
    }

    /** Sends a message on a stream; takes over its payload. Flushing is the caller's. */
    static void write(Channel stream, Message message) {
        stream.write(MessageCodec.encode(stream.alloc(), message), stream.voidPromise());
    }

    static void writeAndFlush(Channel stream, Message message) {
        write(stream, message);
        stream.flush();
    }

    /** Lets go of a message that nobody wants. */
    static void release(Message message) {
        if (message instanceof Message.WithPayload it) {
            it.payload().release();
        }
    }

    /**
     * Ends a stream after everything that was written to it. It closes when the peer ended it too,
     * or was given time enough to do so.
     */
    static void end(Channel stream) {
        if (!stream.isActive()) {
            stream.close();
            return;
        }
        stream.writeAndFlush(StreamEnd.STREAM_END);
        Future<?> limit =
                stream.eventLoop().schedule(() -> stream.close(), END_SECONDS, TimeUnit.SECONDS);
        stream.closeFuture().addListener(closed -> limit.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (bytes instanceof ByteBuf content && !ended) {
            take(ctx, content);
        } else {
            ReferenceCountUtil.release(bytes);
        }
    }

    /** The peer ended its direction, so ours is of no use any more: the stream is over. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !ended) {
            receiver.ended();
            over();
            end(ctx.channel());
        }
        // Some events of HTTP/2 hold a buffer, which the end of the pipeline releases.
        ctx.fireUserEventTriggered(event);
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
            while (!ended && bytes.readableBytes() >= MessageCodec.HEADER_BYTES) {
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
            if (!ended && bytes.isReadable()) {
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
        if (!ended) {
            over();
        }
    }

    private void over() {
        ended = true;
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
