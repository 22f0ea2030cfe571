package tp.transport.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;

/**
 * A call that is a stream of a link. Both directions end for themselves, and a stream that is
 * closed before is reset.
 */
final class StreamCall extends CallBytes {

    StreamCall(boolean client) {
        super(client);
    }

    @Override
    void peerEnded(ChannelHandlerContext ctx) {
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    @Override
    void broke(ChannelHandlerContext ctx, IOException why) {
        ctx.fireExceptionCaught(why);
    }
}
