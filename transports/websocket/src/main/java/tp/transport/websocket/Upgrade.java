package tp.transport.websocket;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.Sockets;

/** Waits for one request, which has to be the right one, and makes a websocket of it. */
final class Upgrade extends SimpleChannelInboundHandler<HttpObject> {

    private final LinkAcceptor acceptor;
    private final Runnable whenDone;
    private @Nullable FullHttpRequest request;
    private @Nullable Future<?> deadline;
    private boolean done;

    /**
     * @param whenDone run once, when this is a stranger no more or has gone
     */
    Upgrade(LinkAcceptor acceptor, Runnable whenDone) {
        this.acceptor = acceptor;
        this.whenDone = whenDone;
    }

    /** Why a request makes no websocket. */
    private record Objection(HttpResponseStatus status, String reason) {}

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline =
                ctx.executor()
                        .schedule(
                                () -> {
                                    refused(
                                            ctx,
                                            "no websocket within "
                                                    + WebSocketSettings.HANDSHAKE_SECONDS
                                                    + " s");
                                    ctx.close();
                                },
                                WebSocketSettings.HANDSHAKE_SECONDS,
                                TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (done) {
            return;
        }
        if (message instanceof HttpRequest first) {
            Optional<Objection> objection = objection(first);
            if (objection.isPresent()) {
                refuse(ctx, objection.get());
                return;
            }
            request =
                    new DefaultFullHttpRequest(
                            first.protocolVersion(),
                            first.method(),
                            first.uri(),
                            Unpooled.EMPTY_BUFFER);
            request.headers().set(first.headers());
        }
        FullHttpRequest whole = request;
        if (message instanceof LastHttpContent && whole != null) {
            upgrade(ctx, whole);
        }
    }

    private static Optional<Objection> objection(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return objection(HttpResponseStatus.BAD_REQUEST, "this is no HTTP");
        }
        String path = new QueryStringDecoder(request.uri()).rawPath();
        if (!path.endsWith(WebSocketSettings.PATH)) {
            return objection(
                    HttpResponseStatus.NOT_FOUND,
                    "there is nothing here but " + WebSocketSettings.PATH);
        }
        boolean isWebSocket =
                request.method().equals(HttpMethod.GET)
                        && request.headers()
                                .containsValue(
                                        HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                        && request.headers()
                                .contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", false);
        if (!isWebSocket || HttpUtil.getContentLength(request, 0) != 0) {
            return objection(HttpResponseStatus.UPGRADE_REQUIRED, "there are only websockets here");
        }
        if (!request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)) {
            return objection(HttpResponseStatus.BAD_REQUEST, "Sec-WebSocket-Key is missing");
        }
        return offers(request)
                ? Optional.empty()
                : objection(
                        HttpResponseStatus.BAD_REQUEST,
                        "the subprotocol " + WebSocketSettings.SUBPROTOCOL + " is not offered");
    }

    private static Optional<Objection> objection(HttpResponseStatus status, String reason) {
        return Optional.of(new Objection(status, reason));
    }

    private static boolean offers(HttpRequest request) {
        return request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(list -> Arrays.stream(list.split(",", -1)))
                .anyMatch(one -> one.strip().equals(WebSocketSettings.SUBPROTOCOL));
    }

    private void refuse(ChannelHandlerContext ctx, Objection why) {
        FullHttpResponse answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        why.status(),
                        ByteBufUtil.encodeString(
                                ctx.alloc(),
                                java.nio.CharBuffer.wrap(why.reason() + "\n"),
                                StandardCharsets.UTF_8));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (why.status().equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            // RFC 9110 §15.5.22, RFC 6455 §4.4.
            answer.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        refused(ctx, why.reason());
        ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    private void refused(ChannelHandlerContext ctx, String reason) {
        if (finish()) {
            acceptor.refused(ctx.channel().remoteAddress(), reason);
        }
    }

    /** {@return whether it was not done before} */
    private boolean finish() {
        if (done) {
            return false;
        }
        done = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        whenDone.run();
        return true;
    }

    private void upgrade(ChannelHandlerContext ctx, FullHttpRequest whole) {
        finish();
        Channel channel = ctx.channel();
        // Nothing more is read before somebody is there who takes it.
        channel.config().setAutoRead(false);
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshaker13(
                        "",
                        WebSocketSettings.SUBPROTOCOL,
                        false,
                        WebSocketSettings.MAX_FRAME_BYTES) {
                    @Override
                    protected WebSocketFrameDecoder newWebsocketDecoder() {
                        return WebSocketSettings.decoder(true);
                    }
                };
        handshaker
                .handshake(channel, whole)
                .addListener(
                        answered -> {
                            if (answered.isSuccess()) {
                                ctx.pipeline().replace(this, "bytes", new WebSocketBytes());
                                acceptor.accepted(
                                        new ChannelLink(channel), channel.remoteAddress());
                            } else {
                                ctx.close();
                            }
                        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess()) {
            refused(ctx, "no TLS: " + tls.cause().getMessage());
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        refused(ctx, "it broke before it was a websocket: " + Sockets.reason(error));
        ctx.close();
    }

    /** Who only looks whether the port is open has done nothing wrong. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish();
        ctx.fireChannelInactive();
    }
}
