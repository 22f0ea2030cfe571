package tp.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Target;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;

/**
 * The manager's port of websockets and the client's end: HTTP that asks for one, HTTP that answers,
 * and the frames behind it. The first byte has the end and whether a handshake is put in front.
 */
public final class WebSockets implements Target {

    private static final String UPGRADE =
            """
            GET /tp HTTP/1.1\r
            Host: h\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: tp.v1\r
            \r
            """;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    private static final class Accepted implements LinkAcceptor {
        private int accepted;
        private int refused;

        @Override
        public void accepted(Link link, SocketAddress peer) {
            accepted++;
        }

        @Override
        public void refused(SocketAddress peer, String reason) {
            refused++;
        }
    }

    /** The last of the pipeline, in the place of the core. */
    private static final class Core extends ChannelInboundHandlerAdapter {
        private boolean told;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                tp.fuzz.Promise.kept(bytes.isReadable(), "nothing is no bytes");
                bytes.release();
            } else {
                ctx.fireChannelRead(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
            tp.fuzz.Promise.kept(!told, "that it broke is told once");
            told = true;
        }
    }

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        switch (in.octet() % 4) {
            case 0 -> server(in.rest());
            case 1 ->
                    server(
                            new Bytes()
                                    .raw(UPGRADE.getBytes(StandardCharsets.US_ASCII))
                                    .raw(in.rest())
                                    .array());
            case 2 -> client(in.rest());
            default -> frames(in.octet() % 2 == 0, in.rest());
        }
        tp.fuzz.Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
    }

    private EmbeddedChannel channel(ChannelHandler... handlers) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(handlers);
        channel.pipeline().fireChannelActive();
        return channel;
    }

    /** An end waits for the other's, but not for long. */
    private static void end(EmbeddedChannel channel) {
        channel.pipeline().close(); // the channel's own close forgets what is due later
        channel.advanceTimeBy(1, TimeUnit.MINUTES);
        channel.runScheduledPendingTasks();
        tp.fuzz.Promise.kept(!channel.isOpen(), "an end is one");
        channel.finishAndReleaseAll();
    }

    private void send(EmbeddedChannel channel, byte[] bytes) {
        channel.writeInbound(allocator.directBuffer().writeBytes(bytes));
        channel.config().setAutoRead(true);
        channel.runPendingTasks();
    }

    private void server(byte[] bytes) {
        Accepted accepted = new Accepted();
        int[] done = new int[1];
        EmbeddedChannel channel =
                channel(
                        new HttpServerCodec(
                                WebSocketSettings.MAX_LINE_BYTES,
                                WebSocketSettings.MAX_HEADER_BYTES,
                                WebSocketSettings.MAX_CHUNK_BYTES),
                        new Upgrade(accepted, () -> done[0]++),
                        new Core());
        send(channel, bytes);
        end(channel);
        tp.fuzz.Promise.kept(
                accepted.accepted + accepted.refused <= 1, "it is accepted or refused, once");
        tp.fuzz.Promise.same(done[0], 1, "its place among the strangers is free again, once");
    }

    private void client(byte[] bytes) {
        Promise<Channel> made = ImmediateEventExecutor.INSTANCE.newPromise();
        EmbeddedChannel channel =
                channel(
                        new HttpClientCodec(
                                WebSocketSettings.MAX_LINE_BYTES,
                                WebSocketSettings.MAX_HEADER_BYTES,
                                WebSocketSettings.MAX_CHUNK_BYTES),
                        new Answer(Place.of(URI.create("ws://192.0.2.7/tp")), made),
                        new Core());
        channel.releaseOutbound();
        send(channel, bytes);
        end(channel);
        tp.fuzz.Promise.kept(made.isDone(), "the dial is told how it ended");
        if (made.cause() != null) {
            tp.fuzz.Promise.kept(made.cause() instanceof IOException, "as it is documented");
            String why = String.valueOf(made.cause().getMessage());
            tp.fuzz.Promise.kept(why.lines().count() == 1, "in one line");
        }
    }

    private void frames(boolean masked, byte[] bytes) {
        EmbeddedChannel channel =
                channel(WebSocketSettings.decoder(masked), new WebSocketBytes(), new Core());
        channel.read();
        send(channel, bytes);
        end(channel);
    }

    @Override
    public List<byte[]> seeds() {
        // RFC 6455 §5.7: "Hello" masked, and plain; a ping; a close with code 1000.
        byte[] masked = {(byte) 0x82, (byte) 0x85, 1, 2, 3, 4, 'H', 'e', 'l', 'l', 'o'};
        byte[] plain = {(byte) 0x82, 5, 'H', 'e', 'l', 'l', 'o'};
        byte[] ping = {(byte) 0x89, (byte) 0x80, 1, 2, 3, 4};
        byte[] close = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};
        String answer =
                """
                HTTP/1.1 101 Switching Protocols\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                Sec-WebSocket-Protocol: tp.v1\r
                \r
                """;
        return List.of(
                new Bytes().octet(0).text(UPGRADE).raw(masked).array(),
                new Bytes().octet(1).raw(masked).raw(ping).raw(close).array(),
                new Bytes().octet(2).text(answer).raw(plain).array(),
                new Bytes().octet(2).text("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n").array(),
                new Bytes().octet(3).octet(0).raw(masked).raw(ping).raw(close).array(),
                new Bytes().octet(3).octet(1).raw(plain).array());
    }

    /** A pipeline with HTTP's buffers, and an object for each frame of two bytes. */
    @Override
    public long capBytes(int inputBytes) {
        return 256 * 1024 + 2_048L * inputBytes;
    }
}
