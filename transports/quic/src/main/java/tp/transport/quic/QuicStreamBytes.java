package tp.transport.quic;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.StreamEnd;

/**
 * Ends a stream as links do. A stream that is closed before its time is ended as well, and what
 * still comes is dropped until the peer has ended it too: only then does Netty's codec forget it
 * (one that was reset stays in its table as long as the connection lives).
 */
final class QuicStreamBytes extends ChannelDuplexHandler {

    private static final int END_SECONDS = 10;

    private boolean ended;
    private boolean dropping;
    private @Nullable Future<?> limit;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (dropping) {
            ReferenceCountUtil.release(bytes);
        } else {
            ctx.fireChannelRead(bytes);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (dropping || event instanceof ChannelInputShutdownReadComplete) {
            ReferenceCountUtil.release(event);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof StreamEnd) {
            end(ctx, promise);
        } else if (ended) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new java.nio.channels.ClosedChannelException());
        } else {
            ctx.write(message, promise);
        }
    }

    private void end(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (ended) {
            promise.trySuccess();
            return;
        }
        ended = true;
        // Not by shutdownOutput(), which overtakes what still waits to be sent, and loses it.
        ctx.writeAndFlush(QuicStreamFrame.EMPTY_FIN, promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (dropping) {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
            return;
        }
        dropping = true;
        end(ctx, ctx.newPromise());
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        ctx.read();
        ctx.channel().config().setAutoRead(true);
        limit = ctx.executor().schedule(() -> ctx.close(), END_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (limit != null) {
            limit.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
