package tp.sandbox.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A request and the ways to answer it; used by the one virtual thread that serves the request. */
final class Exchange {

    /** What a client may put into one websocket frame. */
    private static final int MAX_FRAME = 1 << 20;

    private static final int MAX_WARNINGS = 50;

    private final Request request;
    private final FullHttpRequest http;
    private final Connection connection;
    private User user = User.anonymous();
    private Instant date = Instant.EPOCH;
    private final List<String> warnings = new ArrayList<>();

    /** A part of somebody else's answer is on its way. */
    private boolean hasBegun;

    Exchange(FullHttpRequest http, Connection connection) {
        this.request = Request.of(http);
        this.http = http;
        this.connection = connection;
    }

    Request request() {
        return request;
    }

    Optional<X509Certificate> clientCertificate() {
        return connection.clientCertificate();
    }

    void user(User authenticated) {
        user = authenticated;
    }

    /** {@return who makes the request} */
    User user() {
        return user;
    }

    /** Answers are dated with that (RFC 9110 §6.6.1). */
    void date(Instant told) {
        date = told;
    }

    /** Says something beside the answer; kubectl shows it (RFC 7234 §5.5). */
    void warn(String text) {
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add("299 - \"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
    }

    void reply(int code, JsonNode json) throws IOException {
        reply(code, "application/json", Json.bytes(json));
    }

    void reply(int code, String contentType, byte[] body) throws IOException {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(code),
                        Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private")
                .set(HttpHeaderNames.DATE, DateFormatter.format(Date.from(date)))
                .set("Warning", warnings);
        if (!HttpUtil.isKeepAlive(http)) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        connection.write(response);
        closeIfAsked();
    }

    /** After the answer, where the client wants the connection to end with it. */
    void closeIfAsked() {
        if (!HttpUtil.isKeepAlive(http)) {
            connection.closeAfterWrites();
        }
    }

    /** A body that is sent bit by bit. Writing waits for a client that reads slowly. */
    interface Sink {
        void send(byte[] bytes) throws IOException;

        void end() throws IOException;
    }

    Sink stream(String contentType) throws IOException {
        HttpResponse response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
        connection.write(response);
        return new Sink() {
            @Override
            public void send(byte[] bytes) throws IOException {
                connection.write(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
            }

            @Override
            public void end() throws IOException {
                connection.write(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        };
    }

    /** Becomes a websocket on which the server only talks. */
    Sink webSocket(boolean isText) throws IOException {
        upgrade("", List.of(new WebSocketControl()));
        return new Sink() {
            @Override
            public void send(byte[] bytes) throws IOException {
                connection.write(
                        isText
                                ? new TextWebSocketFrame(Unpooled.wrappedBuffer(bytes))
                                : new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
            }

            @Override
            public void end() throws IOException {
                connection.write(new CloseWebSocketFrame(1000, ""));
            }
        };
    }

    /**
     * Becomes a websocket on which both talk.
     *
     * @param inbox gets the client's messages, each as a whole
     */
    Sink channels(String subprotocol, Inbox inbox) throws IOException {
        upgrade(
                subprotocol,
                List.of(new WebSocketControl(), new WebSocketFrameAggregator(MAX_FRAME), inbox));
        return new Sink() {
            @Override
            public void send(byte[] bytes) throws IOException {
                connection.write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
            }

            @Override
            public void end() throws IOException {
                connection.write(new CloseWebSocketFrame(1000, ""));
                connection.closeAfterWrites();
            }
        };
    }

    /** Answers 101; from now on there are bytes and nothing else. */
    Sink bytes(FullHttpResponse response, Inbox inbox) throws IOException {
        hasBegun = true;
        switchProtocol(response, List.of(inbox));
        return new Sink() {
            @Override
            public void send(byte[] bytes) throws IOException {
                connection.write(Unpooled.wrappedBuffer(bytes));
            }

            @Override
            public void end() {
                connection.closeAfterWrites();
            }
        };
    }

    void redirect(String location) throws IOException {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.MOVED_PERMANENTLY,
                        Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.LOCATION, location)
                .set(HttpHeaderNames.CONTENT_LENGTH, 0);
        connection.write(response);
    }

    /** Sends a part of an answer that somebody else has written. */
    void pass(Object part) throws IOException {
        hasBegun = true;
        connection.write(part);
    }

    boolean hasBegun() {
        return hasBegun;
    }

    /** Ends the connection: what there was to say has not been said to the end. */
    void cutShort() {
        connection.closeAfterWrites();
    }

    /**
     * Becomes a websocket.
     *
     * @param subprotocol one that the client offered, or empty
     * @param handlers what gets the frames; they own the connection from now on
     */
    void upgrade(String subprotocol, List<ChannelHandler> handlers) throws IOException {
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshakerFactory(
                                "", subprotocol.isEmpty() ? null : subprotocol, false, MAX_FRAME)
                        .newHandshaker(http);
        if (handshaker == null) {
            reply(426, "text/plain", new byte[0]);
            return;
        }
        connection.onLoop(
                channel -> {
                    handshaker
                            .handshake(channel, http)
                            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                    // After the answer is on its way: these handlers know no HTTP.
                    addAll(channel, handlers);
                });
    }

    /** Answers 101 and hands the bare connection to other handlers. */
    void switchProtocol(FullHttpResponse response, List<ChannelHandler> handlers)
            throws IOException {
        connection.onLoop(
                channel -> {
                    Outbound.send(channel, response);
                    addAll(channel, handlers);
                    connection.forgetHttp();
                });
    }

    private static void addAll(Channel channel, List<ChannelHandler> handlers) {
        ChannelPipeline pipeline = channel.pipeline();
        for (ChannelHandler handler : handlers) {
            pipeline.addLast(handler);
        }
    }
}
