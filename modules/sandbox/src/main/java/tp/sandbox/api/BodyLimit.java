package tp.sandbox.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import tp.sandbox.store.ApiException;

/** Requests as a whole, up to what a real API server takes; a longer one is told so. */
final class BodyLimit extends HttpObjectAggregator {

    static final int MOST_BYTES = 3 << 20;

    BodyLimit() {
        super(MOST_BYTES);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
        byte[] body =
                ApiException.plain(
                                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE.code(),
                                "RequestEntityTooLarge",
                                "Request entity too large: limit is " + MOST_BYTES)
                        .status()
                        .toJson()
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
        var answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                        Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        context.writeAndFlush(answer);
    }
}
