package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import tp.spi.transport.StreamEnd;

/** One HTTP/2 stream as bytes: the bodies of its DATA frames, however they were cut. */
final class Http2Bytes extends ChannelDuplexHandler {

    private final boolean client;

    Http2Bytes(boolean client) {
        this.client = client;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        switch (frame) {
            case Http2DataFrame data -> {
                ctx.fireChannelRead(data.content());
                if (data.isEndStream()) {
                    ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                }
            }
            case Http2HeadersFrame headers -> headers(ctx, headers);
            default -> ReferenceCountUtil.release(frame);
        }
    }

    private void headers(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        if (client
                ? !"200".contentEquals(String.valueOf(frame.headers().status()))
                : !asked(frame)) {
            ctx.close();
            return;
        }
        if (!client) {
            ctx.write(
                    new DefaultHttp2HeadersFrame(
                            new DefaultHttp2Headers(false).status("200"), false));
        }
        if (frame.isEndStream()) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    private static boolean asked(Http2HeadersFrame frame) {
        return Http2Link.PATH.contentEquals(String.valueOf(frame.headers().path()));
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case ByteBuf bytes -> ctx.write(new DefaultHttp2DataFrame(bytes, false), promise);
            case StreamEnd end ->
                    ctx.write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true), promise);
            default -> ctx.write(message, promise);
        }
    }
}
