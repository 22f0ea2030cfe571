package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.http.WebSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySettingsFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The tunnel against each thing that a server may send: SPDY/3.1 as Go's spdystream speaks it. */
@Timeout(60)
class PortForwardStreamsTest {

    private static final int ERROR = 1;
    private static final int DATA = 3;

    private final WebSocketChannel channel =
            new WebSocketChannel(new PortForwardStreams(8443), closed -> {});
    private final Socket socket = new Socket();

    /** The server's end. */
    private final EmbeddedChannel server =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));

    @AfterEach
    void stop() {
        channel.close();
        server.finishAndReleaseAll();
    }

    private final class Socket implements WebSocket {
        private final List<Integer> sizes = new ArrayList<>();

        @Override
        public boolean send(ByteBuffer message) {
            sizes.add(message.remaining());
            server.writeInbound(Unpooled.copiedBuffer(message));
            message.position(message.limit());
            return true;
        }

        @Override
        public boolean sendClose(int code, String reason) {
            return true;
        }

        @Override
        public long queueSize() {
            return 0;
        }

        @Override
        public void request() {}
    }

    @Test
    void itBeginsWithTwoStreamsAndIsReadyWhenBothAreAnswered() throws Exception {
        channel.onOpen(socket);
        SpdySynStreamFrame error = server.readInbound();
        assertThat(error.streamId()).isEqualTo(ERROR);
        assertThat(error.headers().get("streamtype")).hasToString("error");
        SpdyDataFrame silence = server.readInbound();
        assertThat(silence.isLast()).isTrue();
        SpdySynStreamFrame data = server.readInbound();
        assertThat(data.streamId()).isEqualTo(DATA);
        assertThat(data.headers().get("streamtype")).hasToString("data");
        assertThat(data.headers().get("port")).hasToString("8443");
        assertThat(data.headers().get("requestid")).isEqualTo(error.headers().get("requestid"));

        reply(ERROR);
        assertThat(channel.awaitReady(1)).isFalse();
        reply(DATA);
        assertThat(channel.awaitReady(0)).isTrue();
    }

    @Test
    void framesMayBeCutAnywhere() throws IOException {
        open();
        byte[] bytes =
                encoded(
                        data(DATA, "abc", false),
                        new DefaultSpdySettingsFrame().setValue(4, 1),
                        new DefaultSpdyWindowUpdateFrame(DATA, 65_536),
                        data(DATA, "def", false),
                        data(ERROR, "", true),
                        data(DATA, "", true));
        for (byte one : bytes) {
            channel.onMessage(socket, ByteBuffer.wrap(new byte[] {one}));
        }

        assertThat(readToEnd()).isEqualTo("abcdef");
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theErrorStreamEndsItWithItsText() throws IOException {
        open();
        send(
                data(DATA, "abc", false),
                data(ERROR, "error forwarding port 8443:\n ", false),
                data(ERROR, "connection refused", false));
        send(data(ERROR, "", true), data(DATA, "", true));

        assertThat(channel.read(ByteBuffer.allocate(8))).isEqualTo(3);
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .isInstanceOf(IOException.class)
                .hasMessage("error forwarding port 8443: connection refused");
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .hasMessageContaining("connection refused");
    }

    static List<Arguments> breaks() {
        return List.of(
                Arguments.of(
                        "the forwarded connection was reset: CANCEL",
                        new DefaultSpdyRstStreamFrame(DATA, 5)),
                Arguments.of("the API server sent bytes of an unknown stream", data(5, "x", false)),
                Arguments.of(
                        "the API server opened a stream of its own",
                        new DefaultSpdySynStreamFrame(2, 0, (byte) 0)),
                Arguments.of(
                        "the API server sent what is not SPDY/3.1",
                        // A control frame of SPDY/2.
                        Unpooled.wrappedBuffer(new byte[] {(byte) 0x80, 2, 0, 6, 0, 0, 0, 4})));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void anythingElseIsAnError(String line, Object frame) {
        open();
        send(data(DATA, "abc", false));
        channel.onMessage(
                socket,
                ByteBuffer.wrap(
                        frame instanceof ByteBuf raw ? ByteBufUtil.getBytes(raw) : encoded(frame)));

        assertThatThrownBy(this::readToEnd).isInstanceOf(IOException.class).hasMessage(line);
    }

    @Test
    void aCloseBeforeTheEndIsAnErrorThoughItIsInOrder() {
        open();
        send(data(DATA, "abc", true), new DefaultSpdyGoAwayFrame(0));
        channel.onClose(socket, 1000, "");

        assertThatThrownBy(this::readToEnd)
                .isInstanceOf(IOException.class)
                .hasMessage("the forwarded connection broke: it was closed before its end");
    }

    @Test
    void aRefusedStreamIsTheReasonWhyItDoesNotOpen() {
        channel.onOpen(socket);
        send(new DefaultSpdyRstStreamFrame(ERROR, 3));

        assertThatThrownBy(() -> channel.awaitReady(1_000_000_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("REFUSED_STREAM");
    }

    @Test
    void pingsOfTheServerComeBack() {
        open();
        send(new DefaultSpdyPingFrame(2), new DefaultSpdyPingFrame(7));

        SpdyPingFrame answer = server.readInbound();
        assertThat(answer.id()).isEqualTo(2);
        Object next = server.readInbound();
        assertThat(next).isNull();
    }

    @Test
    void aWriteWaitsForNoWindowAndItsFramesFitAMessage() throws IOException {
        open();
        channel.write(ByteBuffer.allocate(200_000));
        int bytes = 0;
        for (SpdyDataFrame frame = server.readInbound();
                frame != null;
                frame = server.readInbound()) {
            assertThat(frame.streamId()).isEqualTo(DATA);
            bytes += frame.content().readableBytes();
            frame.release();
        }

        assertThat(bytes).isEqualTo(200_000);
        assertThat(socket.sizes).allMatch(size -> size <= 64 << 10);
    }

    @Test
    void closingEndsTheDataStream() {
        open();
        channel.close();

        SpdyDataFrame last = server.readInbound();
        assertThat(last.streamId()).isEqualTo(DATA);
        assertThat(last.isLast()).isTrue();
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
    }

    private void open() {
        channel.onOpen(socket);
        reply(ERROR);
        reply(DATA);
        for (Object frame = server.readInbound(); frame != null; frame = server.readInbound()) {
            assertThat(frame).isNotNull();
        }
    }

    private void reply(int stream) {
        SpdySynReplyFrame frame = new DefaultSpdySynReplyFrame(stream);
        frame.headers().set("port", "8443");
        send(frame);
    }

    private static SpdyDataFrame data(int stream, String text, boolean isLast) {
        return new DefaultSpdyDataFrame(stream, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
                .setLast(isLast);
    }

    private void send(Object... frames) {
        channel.onMessage(socket, ByteBuffer.wrap(encoded(frames)));
    }

    private byte[] encoded(Object... frames) {
        server.writeOutbound(frames);
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = server.readOutbound(); part != null; part = server.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    private String readToEnd() throws IOException {
        StringBuilder all = new StringBuilder();
        ByteBuffer target = ByteBuffer.allocate(64);
        while (channel.read(target.clear()) >= 0) {
            all.append(StandardCharsets.UTF_8.decode(target.flip()));
        }
        return all.toString();
    }
}
