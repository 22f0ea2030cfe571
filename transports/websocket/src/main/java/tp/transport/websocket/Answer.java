package tp.transport.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker13;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Asks for a websocket, and tells in one line what came instead. */
final class Answer extends SimpleChannelInboundHandler<HttpObject> {

    private static final int MAX_QUOTED_CHARS = 120;

    private final Place place;
    private final Promise<Channel> made;
    private final WebSocketClientHandshaker handshaker;
    private @Nullable FullHttpResponse answer;

    Answer(Place place, Promise<Channel> made) {
        this.place = place;
        this.made = made;
        handshaker =
                new WebSocketClientHandshaker13(
                        place.uri(),
                        WebSocketVersion.V13,
                        WebSocketSettings.SUBPROTOCOL,
                        false,
                        EmptyHttpHeaders.INSTANCE,
                        WebSocketSettings.MAX_FRAME_BYTES) {
                    @Override
                    protected WebSocketFrameDecoder newWebsocketDecoder() {
                        return WebSocketSettings.decoder(false);
                    }
                };
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!place.tls()) {
            handshaker.handshake(ctx.channel());
        }
        ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                handshaker.handshake(ctx.channel());
            } else {
                fail(ctx, "no TLS with " + place.shown() + ": " + oneLine(tls.cause()));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (made.isDone()) {
            return;
        }
        if (message.decoderResult().isFailure()) {
            fail(ctx, "what is at " + place.shown() + " does not speak HTTP");
            return;
        }
        if (message instanceof HttpResponse first) {
            if (!first.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                fail(ctx, told(first));
                return;
            }
            answer =
                    new DefaultFullHttpResponse(
                            first.protocolVersion(), first.status(), Unpooled.EMPTY_BUFFER);
            answer.headers().set(first.headers());
        }
        FullHttpResponse whole = answer;
        if (message instanceof LastHttpContent && whole != null) {
            finish(ctx, whole);
        }
    }

    private void finish(ChannelHandlerContext ctx, FullHttpResponse whole) {
        Channel channel = ctx.channel();
        try {
            handshaker.finishHandshake(channel, whole);
        } catch (WebSocketHandshakeException e) {
            fail(ctx, "what is at " + place.shown() + " is no manager: " + oneLine(e));
            return;
        }
        // Nothing more is read before somebody is there who takes it.
        channel.config().setAutoRead(false);
        ctx.pipeline().replace(this, "bytes", new WebSocketBytes());
        if (!made.trySuccess(channel)) {
            channel.close();
        }
    }

    private String told(HttpResponse first) {
        // The number's own words: those that were sent may be anything.
        HttpResponseStatus status = HttpResponseStatus.valueOf(first.status().code());
        String location = first.headers().get(HttpHeaderNames.LOCATION);
        String type = first.headers().get(HttpHeaderNames.CONTENT_TYPE);
        String what =
                location != null
                        ? " and sends to " + quoted(location)
                        : type != null ? " with " + quoted(type) : "";
        return "the proxy at " + place.shown() + " answered " + status + what;
    }

    private static String quoted(String text) {
        String line = text.replaceAll("[^\\x20-\\x7e]", "?");
        return line.length() <= MAX_QUOTED_CHARS
                ? line
                : line.substring(0, MAX_QUOTED_CHARS) + "...";
    }

    private static String oneLine(Throwable error) {
        if (error instanceof NotSslRecordException) {
            return "it answered something else"; // the message quotes all of it
        }
        String text = error.getMessage();
        return text == null ? error.getClass().getSimpleName() : quoted(text);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        made.tryFailure(
                new IOException("what is at " + place.shown() + " closed without an answer"));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        fail(ctx, "the connection to " + place.shown() + " broke: " + oneLine(error));
    }

    private void fail(ChannelHandlerContext ctx, String line) {
        made.tryFailure(new IOException(line));
        ctx.close();
    }
}
