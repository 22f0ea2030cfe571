package tp.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Sockets;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.testkit.LoopbackCluster;
import tp.testkit.Loops;

/** Whatever answers at an endpoint, what is wrong with it is one line, and comes in time. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class BadAnswersTest {

    private final List<Channel> servers = new java.util.concurrent.CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        servers.forEach(Channel::close);
    }

    static Stream<Arguments> notOpened() {
        return Stream.of(
                Arguments.of("silence", says(""), "nothing: no HTTP/2 within 10 s"),
                Arguments.of("silence before TLS", says(""), "nothing: no TLS within 10 s"),
                Arguments.of(
                        "HTTP/1.1",
                        says("HTTP/1.1 400 Bad Request\r\n\r\n<html>go away</html>"),
                        "does not speak HTTP/2; it says: HTTP/1.1 400 Bad Request"),
                Arguments.of(
                        "HTML",
                        says("<html>hello\n"),
                        "does not speak HTTP/2; it says: <html>hello"),
                Arguments.of("noise", says("\0\7noise and noise"), "does not speak HTTP/2 as RFC"),
                Arguments.of("no TLS", says("220 mail.example ESMTP\r\n"), "does not speak TLS"),
                Arguments.of("the end", closes(), "closed the connection before it answered"),
                Arguments.of(
                        "HTTP 502 with HTML",
                        calls(answer("502", "text/html", null)),
                        "answers HTTP 502 (text/html) instead of gRPC"),
                Arguments.of(
                        "another content-type",
                        calls(answer("200", "application/json", null)),
                        "answers HTTP 200 (application/json) instead of gRPC"),
                Arguments.of(
                        "a gRPC status",
                        calls(answer("200", "application/grpc", "14")),
                        "ends the call with gRPC status 14 (unavailable): no upstream"),
                Arguments.of(
                        "a reset",
                        calls(
                                call ->
                                        call.writeAndFlush(
                                                new DefaultHttp2ResetFrame(
                                                        Http2Error.REFUSED_STREAM))),
                        "the call was reset: HTTP/2 error 7"),
                Arguments.of("no answer to the call", calls(call -> {}), "the call within 10 s"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notOpened")
    void whatCannotBeOpenedIsOneLine(String name, ChannelHandler server, String reason)
            throws Exception {
        boolean tls = name.contains("TLS");
        try (Transport transport = transportTo(server, tls ? "grpc" : "grpc+plain")) {
            assertThatThrownBy(transport::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("127.0.0.1 port ")
                    .hasMessageContaining(reason)
                    .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
        }
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("compressed", hex("0100000003 0a0141"), "compressed messages"),
                Arguments.of("too long", hex("0010000000 0a"), "longer than 262144 bytes"),
                Arguments.of("HTML", "<html>hello".getBytes(StandardCharsets.US_ASCII), "flag of"),
                Arguments.of("garbage", hex("0000000002 ffff"), "no message of Chunk"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void aWrongMessageBreaksThePipe(String name, byte[] message, String reason) throws Exception {
        ChannelHandler server =
                calls(
                        call -> {
                            call.write(head("200", "application/grpc", null));
                            call.writeAndFlush(
                                    new DefaultHttp2DataFrame(
                                            Unpooled.wrappedBuffer(message), false));
                        });
        try (Transport transport = transportTo(server, "grpc+plain")) {
            assertThat(endOf(transport.open())).contains(reason);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void anEndThatIsNoneBreaksThePipe(String name, Consumer<Channel> end, String reason)
            throws Exception {
        ChannelHandler server = calls(answer("200", "application/grpc", null), end);
        try (Transport transport = transportTo(server, "grpc+plain")) {
            assertThat(endOf(transport.open())).contains(reason);
        }
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                Arguments.of("closed", action(call -> call.parent().close()), "broke"),
                Arguments.of(
                        "no status",
                        action(
                                call ->
                                        call.writeAndFlush(
                                                new DefaultHttp2DataFrame(
                                                        Unpooled.EMPTY_BUFFER, true))),
                        "without a status"),
                Arguments.of(
                        "a status",
                        action(
                                call ->
                                        call.writeAndFlush(
                                                new DefaultHttp2HeadersFrame(
                                                        new DefaultHttp2Headers()
                                                                .set("grpc-status", "8"),
                                                        true))),
                        "gRPC status 8 (resource exhausted)"),
                Arguments.of(
                        "in order",
                        action(
                                call ->
                                        call.writeAndFlush(
                                                new DefaultHttp2HeadersFrame(
                                                        new DefaultHttp2Headers()
                                                                .set("grpc-status", "0"),
                                                        true))),
                        "in order"));
    }

    private static Consumer<Channel> action(Consumer<Channel> end) {
        return end;
    }

    /** Reads a pipe to its end. */
    private static String endOf(Link link) throws InterruptedException {
        Channel pipe = ((ChannelLink) link).bytes();
        BlockingQueue<String> ends = new ArrayBlockingQueue<>(2);
        pipe.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object bytes) {
                                ReferenceCountUtil.release(bytes);
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext ctx, Throwable e) {
                                ends.offer(String.valueOf(e.getMessage()));
                            }

                            @Override
                            public void channelInactive(ChannelHandlerContext ctx) {
                                ends.offer("in order");
                            }
                        });
        pipe.config().setAutoRead(true);
        pipe.writeAndFlush(bytes("x"));
        return String.valueOf(ends.poll(20, TimeUnit.SECONDS));
    }

    private Transport transportTo(ChannelHandler server, String scheme) {
        Channel listening =
                new ServerBootstrap()
                        .group(Loops.SHARED)
                        .channel(Sockets.of(Loops.SHARED).listener())
                        .childHandler(server)
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .syncUninterruptibly()
                        .channel();
        servers.add(listening);
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        return new GrpcProvider()
                .create(
                        new TransportContext(
                                new LoopbackCluster(),
                                new ManagerLocation("tp-system", "tp-manager-0", 8443),
                                Manager.IDENTITY.pin(),
                                List.of(
                                        new Endpoint(
                                                URI.create(scheme + "://127.0.0.1:" + port),
                                                Endpoint.Source.GIVEN)),
                                Loops.SHARED));
    }

    private static ChannelHandler says(String text) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.eventLoop().execute(() -> channel.writeAndFlush(bytes(text)));
            }
        };
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static ChannelHandler closes() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                // After the client's words: what is left unread makes the end a reset.
                channel.pipeline()
                        .addLast(
                                new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void channelRead(
                                            ChannelHandlerContext ctx, Object said) {
                                        ReferenceCountUtil.release(said);
                                        ctx.close();
                                    }
                                });
            }
        };
    }

    /** HTTP/2 whose calls are answered like that. */
    private static ChannelHandler calls(Consumer<Channel> answer) {
        return calls(answer, call -> {});
    }

    /** HTTP/2 whose calls are answered like that, and then their data. */
    private static ChannelHandler calls(Consumer<Channel> answer, Consumer<Channel> then) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(
                                Http2FrameCodecBuilder.forServer().build(),
                                new Http2MultiplexHandler(new Answering(answer, then)));
            }
        };
    }

    @ChannelHandler.Sharable
    private static final class Answering extends ChannelInboundHandlerAdapter {
        private final Consumer<Channel> answer;
        private final Consumer<Channel> then;

        Answering(Consumer<Channel> answer, Consumer<Channel> then) {
            this.answer = answer;
            this.then = then;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http2HeadersFrame) {
                answer.accept(ctx.channel());
            } else if (frame instanceof Http2DataFrame) {
                then.accept(ctx.channel());
            }
            ReferenceCountUtil.release(frame);
        }
    }

    private static Consumer<Channel> answer(
            String status, String type, @org.jspecify.annotations.Nullable String grpcStatus) {
        return call -> call.writeAndFlush(head(status, type, grpcStatus));
    }

    private static Http2HeadersFrame head(
            String status, String type, @org.jspecify.annotations.Nullable String grpcStatus) {
        var headers = new DefaultHttp2Headers().status(status).set("content-type", type);
        if (grpcStatus != null) {
            headers.set("grpc-status", grpcStatus).set("grpc-message", "no upstream");
        }
        return new DefaultHttp2HeadersFrame(headers, grpcStatus != null);
    }

    private static byte[] hex(String digits) {
        return java.util.HexFormat.of().parseHex(digits.replace(" ", ""));
    }
}
