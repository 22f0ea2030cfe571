package tp.spi.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;

/**
 * Ends what is sent before a connection is closed. Linux resets a connection that is closed with
 * bytes unread (RFC 2525 §2.17); a peer that got an end before the reset still reads what was said
 * last, such as why it is refused, and not an error. The JDK's sockets do this by themselves,
 * epoll's do not. For the first place in the pipeline of a connection that a listener took.
 */
@ChannelHandler.Sharable
public final class EndBeforeReset extends ChannelOutboundHandlerAdapter {

    public static final EndBeforeReset HANDLER = new EndBeforeReset();

    private EndBeforeReset() {}

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (context.channel() instanceof DuplexChannel duplex
                && duplex.isActive()
                && !duplex.isOutputShutdown()) {
            duplex.shutdownOutput();
        }
        context.close(promise);
    }
}
