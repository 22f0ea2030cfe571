package tp.metrics;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics}, one request for each connection. Whoever is slow, asks for anything
 * else, or comes when many are here already, is sent away.
 */
public final class MetricsPage extends ChannelInitializer<Channel> {

    private static final System.Logger LOG = System.getLogger(MetricsPage.class.getName());

    private static final String PATH = "/metrics";
    private static final String BEARER = "bearer ";
    private static final int MOST_CONNECTIONS = 16;
    private static final int PATIENCE_SECONDS = 10;
    private static final int MOST_LINE = 1024;

    /** A token of a service account takes some 1,200 bytes. */
    private static final int MOST_HEADERS = 16 * 1024;

    private final MetricsGuard guard;
    private final Supplier<String> text;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * @param text what is shown, in the format of {@link Exposition}; may block, on a virtual
     *     thread
     */
    public MetricsPage(MetricsGuard guard, Supplier<String> text) {
        this.guard = guard;
        this.text = text;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (connections.incrementAndGet() > MOST_CONNECTIONS) {
            channel.close();
        }
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        channel.pipeline()
                .addLast(
                        new ReadTimeoutHandler(PATIENCE_SECONDS, TimeUnit.SECONDS),
                        new HttpServerCodec(
                                new HttpDecoderConfig()
                                        .setMaxInitialLineLength(MOST_LINE)
                                        .setMaxHeaderSize(MOST_HEADERS)),
                        new Asked());
    }

    /** Takes the head of a request; a body, which has no meaning here, is not read. */
    private final class Asked extends SimpleChannelInboundHandler<HttpObject> {

        private boolean asked;

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpRequest request && !asked) {
                asked = true;
                context.channel().config().setAutoRead(false);
                request(context, request);
            }
        }

        private void request(ChannelHandlerContext context, HttpRequest request) {
            if (request.decoderResult().isFailure()) {
                answer(context, HttpResponseStatus.BAD_REQUEST, "This is no request.\n");
            } else if (!request.uri().equals(PATH)) {
                answer(context, HttpResponseStatus.NOT_FOUND, "Only " + PATH + " is here.\n");
            } else if (!request.method().equals(HttpMethod.GET)) {
                answer(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "Only GET works here.\n");
            } else {
                String token = token(request);
                Thread.ofVirtual().name("metrics").start(() -> decide(context, token));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static String token(HttpRequest request) {
        String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        return shown.toLowerCase(Locale.ROOT).startsWith(BEARER)
                ? shown.substring(BEARER.length()).strip()
                : "";
    }

    private void decide(ChannelHandlerContext context, String token) {
        try {
            switch (guard.ask(context.channel().remoteAddress(), token)) {
                case ALLOWED -> answer(context, HttpResponseStatus.OK, text.get());
                case UNKNOWN ->
                        answer(
                                context,
                                HttpResponseStatus.UNAUTHORIZED,
                                "Show the token of an account of this cluster.\n");
                case FORBIDDEN ->
                        answer(
                                context,
                                HttpResponseStatus.FORBIDDEN,
                                "This account may not get " + PATH + ".\n");
                case UNDECIDED ->
                        answer(
                                context,
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                "The API server does not say who this is; ask again.\n");
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "metrics: {0}", e.toString());
            answer(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "See the log.\n");
        }
    }

    private static void answer(
            ChannelHandlerContext context, HttpResponseStatus status, String body) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, Exposition.MEDIA_TYPE)
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
