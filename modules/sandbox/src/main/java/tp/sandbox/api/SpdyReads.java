package tp.sandbox.api;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Stands before Netty's SPDY codec, which asks for more after each read, also where reading was
 * stopped: it does not notice that it has passed frames on. Without this a slow pod stops nobody.
 */
final class SpdyReads extends ChannelOutboundHandlerAdapter {

    @Override
    public void read(ChannelHandlerContext context) {
        if (context.channel().config().isAutoRead()) {
            context.read();
        }
    }
}
