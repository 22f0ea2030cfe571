package tp.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames of the other end, byte by byte (RFC 6455 §5.2), and what the core is told of them. */
class WebSocketBytesTest {

    private final List<String> told = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void lay() {
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addLast(WebSocketSettings.decoder(false), new WebSocketBytes(), new Core());
    }

    /** Writes down what comes. */
    private final class Core extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            told.add("bytes " + io.netty.buffer.ByteBufUtil.hexDump(bytes));
            bytes.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
            told.add(String.valueOf(error.getMessage()));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            told.add("end");
        }
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a close of one byte             | 820161 880103 | bytes 61; the other end broke the websocket's protocol: ",
                "data, then an orderly close     | 820161 880203e8 | bytes 61; end",
                "a message in two frames         | 020161 800162 880203e8 | bytes 61; bytes 62; end",
                "an empty frame                  | 8200 820161 880203e8 | bytes 61; end",
                "a close because it goes away    | 820161 880203e9 | bytes 61; the other end broke the websocket off (code 1001); end",
                "a close without a code          | 8800 | the other end broke the websocket off (code -1); end",
                "text                            | 810161 | the other end sent text where bytes were due; end",
                "a frame of 64 KiB and one byte  | 827f0000000000010001 | the other end broke the websocket's protocol: Max frame length of 65536 has been exceeded.; end",
                "a frame with an extension's bit | c20161 | the other end broke the websocket's protocol: ",
                "an unknown kind of frame        | 830161 | the other end broke the websocket's protocol: ",
                "a masked frame from a server    | 8281000000 0061 | the other end broke the websocket's protocol: ",
            })
    void whatTheOtherEndSends(String what, String hex, String expected) {
        channel.read();
        receive(hex);

        assertThat(String.join("; ", told)).as(what).startsWith(expected);
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void theLossOfTheConnectionIsABreak() {
        channel.read();
        channel.pipeline().firstContext().fireChannelInactive();

        assertThat(told).containsExactly("the websocket ended without a close", "end");
    }

    @Test
    void whatComesBeforeAnybodyAskedWaits() {
        receive("820161 820162");
        assertThat(told).isEmpty();
        channel.read();

        assertThat(told).containsExactly("bytes 61", "bytes 62");
    }

    @Test
    void aPingIsAnsweredWithItsOwnBytes() {
        channel.read();
        receive("890161");

        PongWebSocketFrame pong = channel.readOutbound();
        assertThat(pong.content().toString(java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("a");
        pong.release();
    }

    /** Pongs to who does not read must not pile up. */
    @Test
    void aPingIsPassedOverWhereTheWayIsFull() {
        channel.read();
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        receive("890161");

        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void aLongWriteIsCutIntoFramesThatProxiesTake() {
        channel.writeOutbound(Unpooled.wrappedBuffer(new byte[200_000]));
        List<Integer> lengths = new ArrayList<>();
        for (WebSocketFrame frame = channel.readOutbound();
                frame != null;
                frame = channel.readOutbound()) {
            assertThat(frame).isInstanceOf(BinaryWebSocketFrame.class);
            lengths.add(frame.content().readableBytes());
            frame.release();
        }

        assertThat(lengths).containsExactly(65_536, 65_536, 65_536, 3_392);
    }

    @Test
    void closingSaysGoodbyeAndWaitsForTheAnswer() {
        channel.read();
        channel.close();
        CloseWebSocketFrame goodbye = channel.readOutbound();
        assertThat(goodbye.statusCode()).isEqualTo(1000);
        goodbye.release();
        receive("820161");
        assertThat(channel.isActive()).isTrue();
        receive("880203e8");

        assertThat(channel.isActive()).isFalse();
        assertThat(told).as("late bytes are dropped").containsExactly("end");
    }

    @Test
    void aGoodbyeThatNobodyAnswersHasAnEnd() {
        channel.freezeTime();
        channel.pipeline().close(); // the channel's own close() forgets what is scheduled
        channel.advanceTimeBy(3, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void theEndOfTheTransportIsABreak() {
        channel.read();
        channel.pipeline().fireUserEventTriggered(WebSocketBytes.Abort.TRANSPORT_CLOSED);

        assertThat(told).containsExactly("the transport is closed", "end");
    }

    private void receive(String hex) {
        channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", ""))));
        channel.runPendingTasks();
    }
}
