package tp.sandbox.api;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/** Answers a websocket's ping and close (RFC 6455 §5.5), passes everything else on. */
final class WebSocketControl extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case PingWebSocketFrame ping ->
                    Outbound.send(context, new PongWebSocketFrame(ping.content()));
            case PongWebSocketFrame pong -> ReferenceCountUtil.release(pong);
            case CloseWebSocketFrame close -> Outbound.sendAndClose(context, close);
            default -> context.fireChannelRead(message);
        }
    }
}
