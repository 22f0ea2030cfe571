package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.StreamEnd;

/**
 * The HTTP/2 stream of one call as bytes, at either end: gRPC's messages and ends on one side,
 * {@link ByteBuf}s and {@link StreamEnd} on the other.
 */
abstract sealed class CallBytes extends ChannelDuplexHandler permits StreamCall, PipeCall {

    private static final int END_SECONDS = 5;

    private final boolean client;
    private final ChunkReader reader = new ChunkReader();
    private boolean responded;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean dropping;
    private boolean passedOn;
    private @Nullable IOException cause;

    CallBytes(boolean client) {
        this.client = client;
    }

    /** The peer ended its direction in order, after the last byte. */
    abstract void peerEnded(ChannelHandlerContext ctx);

    /** The call broke, which the handlers behind are to be told; it is about to be closed. */
    abstract void broke(ChannelHandlerContext ctx, IOException why);

    /** The manager answered the call (at the client). */
    void responded(ChannelHandlerContext ctx) {}

    // ---- what comes

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        switch (frame) {
            case Http2DataFrame data -> data(ctx, data);
            case Http2HeadersFrame headers -> headers(ctx, headers);
            default -> ReferenceCountUtil.release(frame);
        }
    }

    private void data(ChannelHandlerContext ctx, Http2DataFrame frame) {
        try {
            if (!dropping) {
                reader.read(frame.content(), part -> deliver(ctx, part));
            }
            if (frame.isEndStream()) {
                endOfStream(ctx);
            }
        } catch (MalformedException e) {
            malformed(ctx, e);
        } finally {
            frame.release();
        }
    }

    private void deliver(ChannelHandlerContext ctx, ByteBuf part) {
        if (dropping) { // closed by whoever got the last part
            part.release();
        } else {
            passedOn = true;
            ctx.fireChannelRead(part);
        }
    }

    private void headers(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        Http2Headers headers = frame.headers();
        if (dropping) {
            if (frame.isEndStream()) {
                ctx.close();
            }
            return;
        }
        if (client) {
            String status = String.valueOf(headers.status());
            if (!responded && status.startsWith("1")) {
                return; // RFC 9113 §8.1: an interim response
            }
            if (!responded && !response(ctx, headers, status)) {
                return;
            }
            if (headers.contains(GrpcHeaders.STATUS)) {
                status(ctx, headers);
                return;
            }
        }
        if (frame.isEndStream()) {
            endOfStream(ctx);
        }
    }

    /** {@return whether it is one of gRPC} */
    private boolean response(ChannelHandlerContext ctx, Http2Headers headers, String status) {
        CharSequence type = headers.get(GrpcHeaders.CONTENT_TYPE);
        if (!status.equals("200") || !GrpcHeaders.isGrpc(type)) {
            fail(ctx, "answers HTTP " + Words.of(status) + type(type) + " instead of gRPC");
            return false;
        }
        if (!headers.contains(GrpcHeaders.STATUS)) {
            responded = true;
            responded(ctx);
        }
        return true;
    }

    private static String type(@Nullable CharSequence contentType) {
        return contentType == null ? "" : " (" + Words.of(contentType) + ")";
    }

    private void status(ChannelHandlerContext ctx, Http2Headers headers) {
        String code = String.valueOf(headers.get(GrpcHeaders.STATUS));
        if (!code.equals(GrpcStatus.OK.code())) {
            String message = Words.of(headers.get(GrpcHeaders.MESSAGE));
            fail(
                    ctx,
                    "ends the call with gRPC status "
                            + GrpcStatus.text(code)
                            + (message.isEmpty() ? "" : ": " + message));
        } else if (!responded) {
            fail(ctx, "ends the call at once");
        } else if (!reader.betweenMessages()) {
            fail(ctx, "ends the call within a message");
        } else {
            inputEnded = true;
            peerEnded(ctx);
        }
    }

    private void endOfStream(ChannelHandlerContext ctx) {
        if (dropping) {
            ctx.close();
        } else if (client) {
            fail(ctx, "ends the call without a status");
        } else if (!reader.betweenMessages()) {
            malformed(
                    ctx,
                    new MalformedException(
                            GrpcStatus.INVALID_ARGUMENT, "the call ends within a message"));
        } else {
            inputEnded = true;
            peerEnded(ctx);
        }
    }

    private void malformed(ChannelHandlerContext ctx, MalformedException e) {
        String why = "sends what it should not: " + e.text();
        if (client || outputEnded) {
            fail(ctx, why);
        } else if (!dropping) {
            dropping = true;
            outputEnded = true;
            // RFC 9113 §8.1: whatever else the client wanted to send is of no use. But it is told
            // so only after the reason, which comes behind what was written before.
            ctx.writeAndFlush(GrpcHeaders.trailers(e.status(), e.text()))
                    .addListener(
                            told -> {
                                ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
                                ctx.close();
                            });
            closeSoon(ctx);
            broke(ctx, new IOException(why));
        }
    }

    private void fail(ChannelHandlerContext ctx, String why) {
        if (!dropping) {
            dropping = true;
            broke(ctx, new IOException(why));
            ctx.close();
        }
    }

    /** Closes the stream whatever the peer does or does not do. */
    final void closeSoon(ChannelHandlerContext ctx) {
        Future<?> limit = ctx.executor().schedule(() -> ctx.close(), END_SECONDS, TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(closed -> limit.cancel(false));
    }

    /** A reading that brought no byte, only headers or half of a length, is no reading. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        boolean nothing = !passedOn;
        passedOn = false;
        ctx.fireChannelReadComplete();
        if (nothing && !inputEnded && !ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    /** All that comes here is of HTTP/2, and means nothing to who reads bytes. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset && cause == null) {
            cause = new IOException("the call was reset: HTTP/2 error " + reset.errorCode());
        }
        ReferenceCountUtil.release(event);
    }

    // ---- what goes

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof StreamEnd) {
            end(ctx, promise);
        } else if (outputEnded) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
        } else if (message instanceof ByteBuf bytes) {
            ChunkWriter.write(ctx, bytes, promise);
        } else {
            ctx.write(message, promise);
        }
    }

    /** Ends our direction as gRPC does; unflushed. */
    final void end(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (outputEnded) {
            promise.trySuccess();
            return;
        }
        outputEnded = true;
        ctx.write(
                client
                        ? new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true)
                        : GrpcHeaders.trailers(GrpcStatus.OK, ""),
                promise);
    }

    /** From here on nothing is delivered. */
    final void drop() {
        dropping = true;
    }

    final boolean isDropping() {
        return dropping;
    }

    /** What came now is not to be followed by more before somebody asks. */
    final void hold() {
        passedOn = true;
    }

    /** {@return why a stream went that nobody ended} */
    final IOException loss() {
        IOException known = cause;
        return known == null ? new IOException("the connection broke") : known;
    }
}
