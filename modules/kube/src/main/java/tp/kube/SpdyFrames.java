package tp.kube;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Frames of SPDY/3.1 in the messages of a websocket, which together are a stream, cut anywhere.
 * Reading is one thread's; {@link #encode} may be called by several.
 */
final class SpdyFrames {

    private static final int MAX_HEADER_BYTES = 16 << 10;

    /** Takes a frame, which is released after the call. */
    @FunctionalInterface
    interface Taker {
        void take(Object frame) throws IOException;
    }

    private final EmbeddedChannel decoder = new EmbeddedChannel(codec());

    /** Used under its own lock. */
    private final EmbeddedChannel encoder = new EmbeddedChannel(codec());

    private static SpdyFrameCodec codec() {
        // Compression as in Netty's own default: level, window and memory of RFC 1950's deflate.
        return new SpdyFrameCodec(
                SpdyVersion.SPDY_3_1, Subprotocol.MESSAGE_BYTES, MAX_HEADER_BYTES, 6, 15, 8) {
            @Override
            public void readSetting(int id, int value, boolean persistValue, boolean persisted) {
                // There may be two million of them in a frame, and none concerns us.
            }
        };
    }

    /**
     * {@return what opens a stream of a forwarded connection}
     *
     * @param type {@code error} or {@code data}
     * @param request the same for the two streams of a connection
     */
    static SpdySynStreamFrame stream(int id, String type, int port, int request) {
        var frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        frame.headers()
                .set("streamtype", type)
                .set("port", Integer.toString(port))
                .set("requestid", Integer.toString(request));
        return frame;
    }

    /** {@return the frames as they are sent, nothing after the end} */
    ByteBuffer encode(Object... frames) {
        synchronized (encoder) {
            if (!encoder.isOpen()) {
                return Subprotocol.NOTHING.duplicate();
            }
            encoder.writeOutbound(frames);
            ByteBuffer message = Subprotocol.NOTHING.duplicate();
            for (ByteBuf part = encoder.readOutbound();
                    part != null;
                    part = encoder.readOutbound()) {
                message =
                        ByteBuffer.allocate(message.remaining() + part.readableBytes())
                                .put(message);
                part.readBytes(message.limit(message.capacity()));
                part.release();
                message.flip();
            }
            return message;
        }
    }

    /**
     * @throws IOException where the message is no SPDY, or the taker threw
     */
    void decode(ByteBuffer message, Taker taker) throws IOException {
        boolean valid = isValid(message);
        for (Object frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
            try {
                taker.take(frame);
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }
        if (!valid) {
            throw new IOException("the API server sent what is not SPDY/3.1");
        }
    }

    private boolean isValid(ByteBuffer message) {
        try {
            decoder.writeInbound(Unpooled.wrappedBuffer(message));
            return true;
        } catch (Exception e) {
            // Of whatever kind: Netty throws it past the compiler.
            return false;
        }
    }

    /** Frees what is held; {@link #encode} may still be called. */
    void close() {
        decoder.finishAndReleaseAll();
        synchronized (encoder) {
            encoder.finishAndReleaseAll();
        }
    }
}
