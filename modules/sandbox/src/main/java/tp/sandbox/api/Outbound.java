package tp.sandbox.api;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundInvoker;

/** Writes and closes whose outcome shows elsewhere: a write that fails closes its connection. */
final class Outbound {

    private Outbound() {}

    static void send(ChannelOutboundInvoker to, Object message) {
        to.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    static void sendAndClose(ChannelOutboundInvoker to, Object message) {
        to.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Closing cannot fail in a way that matters.
    static void close(ChannelOutboundInvoker channel) {
        channel.close();
    }
}
