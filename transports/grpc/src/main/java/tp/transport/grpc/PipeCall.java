package tp.transport.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call that is a whole connection. It ends as one of TCP: closing sends an end and waits a moment
 * for the peer's, so that nothing on the way is lost to a reset; an end that nobody sent is an
 * exception.
 */
final class PipeCall extends CallBytes {

    /** The first answer to a call, at the client; on its loop, once. */
    interface Answer {
        void opened(Channel pipe);

        void refused(IOException why);
    }

    private static final int END_SECONDS = 5;

    private @Nullable Answer answer;
    private boolean broken;
    private @Nullable Future<?> limit;

    private PipeCall(boolean client, @Nullable Answer answer) {
        super(client);
        this.answer = answer;
    }

    static PipeCall client(Answer answer) {
        return new PipeCall(true, answer);
    }

    static PipeCall server() {
        return new PipeCall(false, null);
    }

    private @Nullable Answer takeAnswer() {
        Answer taken = answer;
        answer = null;
        return taken;
    }

    @Override
    void responded(ChannelHandlerContext ctx) {
        Answer to = takeAnswer();
        if (to != null) {
            ctx.channel().config().setAutoRead(false); // until the core has its handlers there
            hold();
            to.opened(ctx.channel());
        }
    }

    @Override
    void peerEnded(ChannelHandlerContext ctx) {
        drop();
        end(ctx, ctx.newPromise());
        ctx.flush();
        ctx.close();
    }

    @Override
    void failed(ChannelHandlerContext ctx, IOException why) {
        broke(ctx, why);
        ctx.close();
    }

    private void broke(ChannelHandlerContext ctx, IOException why) {
        Answer to = takeAnswer();
        if (to != null) {
            to.refused(why);
        } else if (!broken) {
            ctx.fireExceptionCaught(why);
        }
        broken = true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        broke(ctx, error instanceof IOException io ? io : new IOException(error));
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        if (isDropping()) {
            return;
        }
        drop();
        if (!ctx.channel().isWritable()) {
            ctx.close(); // the peer takes nothing, so an end would wait behind all the rest
            return;
        }
        end(ctx, ctx.newPromise());
        ctx.flush();
        ctx.channel().config().setAutoRead(true);
        limit = ctx.executor().schedule(() -> ctx.close(), END_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (limit != null) {
            limit.cancel(false);
        }
        if (!isDropping()) {
            broke(ctx, loss());
        }
        ctx.fireChannelInactive();
    }
}
