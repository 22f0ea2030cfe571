package tp.transport.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import tp.spi.transport.ListenerContext;

/** Waits for the end of a client's handshake. */
final class Established extends ChannelInboundHandlerAdapter {

    private final ListenerContext context;
    private final QuicLink link;

    Established(ListenerContext context, QuicLink link) {
        this.context = context;
        this.link = link;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                context.acceptor().accepted(link, link.remoteAddress());
            } else {
                context.acceptor()
                        .refused(
                                link.remoteAddress(),
                                "no QUIC handshake: " + handshake.cause().getMessage());
            }
        }
        ctx.fireUserEventTriggered(event);
    }
}
