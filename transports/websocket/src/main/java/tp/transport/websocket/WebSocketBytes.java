package tp.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseCombiner;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A websocket's frames as bytes. A close with code 1000 is an orderly end (RFC 6455 §7.4.1); any
 * other end is an exception first. Both directions end together: a websocket has no half-close.
 */
final class WebSocketBytes extends ChannelDuplexHandler {

    /** As a user event: this end goes, and whoever uses it is to learn that it broke. */
    enum Abort {
        TRANSPORT_CLOSED
    }

    /** How long an end waits for the other's closing frame. */
    private static final int CLOSE_SECONDS = 2;

    /** We have sent our closing frame: what still comes is dropped. */
    private boolean closing;

    /** The other end's closing frame, or a failure, was told. */
    private boolean over;

    private @Nullable Future<?> limit;

    /**
     * What came with the handshake, before anybody asked for bytes: at most what one read of the
     * socket brought, since no more is read before.
     */
    private final Deque<Object> early = new ArrayDeque<>();

    private boolean asked;
    private boolean delivering;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (asked && !delivering) {
            take(ctx, message);
        } else {
            early.add(message);
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        asked = true;
        if (delivering) {
            return; // asked from within: what is early comes anyway
        }
        boolean some = !early.isEmpty();
        delivering = true;
        for (Object message = early.poll(); message != null; message = early.poll()) {
            take(ctx, message);
        }
        delivering = false;
        if (some) {
            ctx.fireChannelReadComplete();
        }
        if (!some || ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    private void take(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case BinaryWebSocketFrame frame -> bytes(ctx, frame);
            // A proxy may cut a message into several (RFC 6455 §5.4).
            case ContinuationWebSocketFrame frame -> bytes(ctx, frame);
            case PingWebSocketFrame frame -> pong(ctx, frame);
            case CloseWebSocketFrame frame -> closed(ctx, frame);
            case TextWebSocketFrame frame -> {
                frame.release();
                breakOff(
                        ctx,
                        WebSocketCloseStatus.INVALID_MESSAGE_TYPE,
                        new IOException("the other end sent text where bytes were due"));
            }
            // A pong that nobody asked for, or the last of HTTP.
            default -> drop(ctx, message);
        }
    }

    private void bytes(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (over || closing || !frame.content().isReadable()) {
            drop(ctx, frame);
        } else {
            ctx.fireChannelRead(frame.content());
        }
    }

    private static void drop(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        readOn(ctx);
    }

    /** Whoever asked for bytes has got none. */
    private static void readOn(ChannelHandlerContext ctx) {
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    /** Where the way is full a ping is passed over: pongs must not pile up. */
    private void pong(ChannelHandlerContext ctx, PingWebSocketFrame ping) {
        if (over || closing || !ctx.channel().isWritable()) {
            drop(ctx, ping);
            return;
        }
        ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
        readOn(ctx);
    }

    private void closed(ChannelHandlerContext ctx, CloseWebSocketFrame frame) {
        int code = frame.statusCode();
        frame.release();
        if (over) {
            return;
        }
        over = true;
        if (closing) {
            ctx.close();
            return;
        }
        ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(ChannelFutureListener.CLOSE);
        limitClosing(ctx);
        if (code != WebSocketCloseStatus.NORMAL_CLOSURE.code()) {
            ctx.fireExceptionCaught(
                    new IOException("the other end broke the websocket off (code " + code + ")"));
        }
    }

    /** Tells both sides why: the other end what it did wrong, the core that it broke. */
    private void breakOff(ChannelHandlerContext ctx, WebSocketCloseStatus why, IOException told) {
        if (over) {
            return;
        }
        boolean tell = !closing;
        over = true;
        ctx.writeAndFlush(new CloseWebSocketFrame(why)).addListener(ChannelFutureListener.CLOSE);
        limitClosing(ctx);
        if (tell) {
            ctx.fireExceptionCaught(told);
        }
    }

    private void limitClosing(ChannelHandlerContext ctx) {
        stopLimit();
        limit =
                ctx.executor()
                        .schedule(
                                () -> {
                                    over = true;
                                    ctx.close();
                                },
                                CLOSE_SECONDS,
                                TimeUnit.SECONDS);
    }

    private void stopLimit() {
        if (limit != null) {
            limit.cancel(false);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.write(message, promise);
        } else if (over || closing) {
            bytes.release();
            promise.tryFailure(new ClosedChannelException());
        } else if (!bytes.isReadable()) {
            ctx.write(bytes, promise); // its promise tells of all that was written before
        } else if (bytes.readableBytes() <= WebSocketSettings.MAX_FRAME_BYTES) {
            ctx.write(new BinaryWebSocketFrame(bytes), promise);
        } else {
            writeCut(ctx, bytes, promise);
        }
    }

    private static void writeCut(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        PromiseCombiner all = new PromiseCombiner(ctx.executor());
        while (bytes.isReadable()) {
            int count = Math.min(bytes.readableBytes(), WebSocketSettings.MAX_FRAME_BYTES);
            all.add(ctx.write(new BinaryWebSocketFrame(bytes.readRetainedSlice(count))));
        }
        bytes.release();
        all.finish(promise.unvoid());
    }

    /** Says goodbye and waits for the answer; one that wants no lingering breaks it off. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        Integer linger = ctx.channel().config().getOption(ChannelOption.SO_LINGER);
        if (over || !ctx.channel().isActive() || (linger != null && linger == 0)) {
            over = true;
            ctx.close(promise);
            return;
        }
        ctx.channel().closeFuture().addListener(done -> promise.trySuccess());
        if (closing) {
            return;
        }
        closing = true;
        ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        limitClosing(ctx);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Abort) {
            exceptionCaught(ctx, new IOException("the transport is closed"));
        } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
            // That one also comes after a reset: only a closing frame says that it is the end.
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        if (error instanceof CorruptedWebSocketFrameException frame) {
            breakOff(
                    ctx,
                    frame.closeStatus(),
                    new IOException(
                            "the other end broke the websocket's protocol: " + frame.getMessage(),
                            frame));
            return;
        }
        boolean tell = !over && !closing;
        over = true;
        if (tell) {
            ctx.fireExceptionCaught(error);
        }
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopLimit();
        if (!over && !closing) {
            over = true;
            ctx.fireExceptionCaught(new IOException("the websocket ended without a close"));
        }
        ctx.fireChannelInactive();
    }
}
