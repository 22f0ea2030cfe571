package tp.transport.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
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

    /** Whether the connection below is for this call alone. */
    private final boolean alone;

    private @Nullable Answer answer;
    private boolean broken;

    private PipeCall(boolean client, @Nullable Answer answer) {
        super(client);
        alone = client;
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
        ctx.channel().config().setAutoRead(false); // until the core has its handlers there
        hold();
        // Not within this reading: whoever turns reading on at once, from his own thread, would
        // make it go on before his handlers are there.
        ctx.executor()
                .execute(
                        () -> {
                            Answer to = takeAnswer();
                            if (to != null) {
                                to.opened(ctx.channel());
                            }
                        });
    }

    @Override
    void peerEnded(ChannelHandlerContext ctx) {
        drop();
        end(ctx, ctx.newPromise());
        ctx.flush();
        ctx.close();
    }

    @Override
    void broke(ChannelHandlerContext ctx, IOException why) {
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
        ctx.flush();
        if (isFull(ctx.channel())) {
            ctx.close(); // an end would wait behind what the peer does not take
            return;
        }
        end(ctx, ctx.newPromise());
        ctx.flush();
        ctx.channel().config().setAutoRead(true);
        closeSoon(ctx);
    }

    private static boolean isFull(Channel channel) {
        return channel.bytesBeforeUnwritable() < channel.config().getWriteBufferHighWaterMark();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!isDropping()) {
            broke(ctx, loss());
        }
        ctx.fireChannelInactive();
        if (alone) {
            ctx.channel().parent().close();
        }
    }
}
