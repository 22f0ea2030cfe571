package tp.kube;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyHeadersFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One forwarded connection over {@code SPDY/3.1+portforward.k8s.io} (KEP-4006), as kubectl has it:
 * the messages together are a stream of SPDY/3.1 frames, cut anywhere. We open a stream {@code
 * error}, on which only the kubelet speaks, and a stream {@code data}. The kubelet ends both when
 * the connection is over; a text on {@code error} is why.
 *
 * <p>No windows: the other end is Go's spdystream, which does not have SPDY's flow control (§2.6.8
 * of its draft 3.1). It sends no WINDOW_UPDATE, so who waited for one would stop after 65,536
 * bytes, and it passes over those that it gets. What is not read here stops the websocket.
 */
final class PortForwardStreams implements Subprotocol {

    static final String NAME = "SPDY/3.1+portforward.k8s.io";

    /** A client's streams have odd numbers (SPDY/3.1 §2.3.2). */
    private static final int ERROR = 1;

    private static final int DATA = 3;

    private static final int FRAME_HEADER_BYTES = 8;
    private static final int MAX_TEXT_BYTES = 4 << 10;

    private final int port;
    private final SpdyFrames frames = new SpdyFrames();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private boolean errorReplied;
    private boolean dataReplied;
    private boolean errorEnded;
    private boolean dataEnded;

    PortForwardStreams(int port) {
        this.port = port;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String noun() {
        return "the forwarded connection";
    }

    /** In kubectl's order: the error stream, that we say nothing on it, the data stream. */
    @Override
    public ByteBuffer greeting() {
        return frames.encode(
                SpdyFrames.stream(ERROR, "error", port, 0),
                new DefaultSpdyDataFrame(ERROR, Unpooled.EMPTY_BUFFER).setLast(true),
                SpdyFrames.stream(DATA, "data", port, 0));
    }

    @Override
    public ByteBuffer wrap(ByteBuffer source) throws IOException {
        int count = Math.min(source.remaining(), MESSAGE_BYTES - FRAME_HEADER_BYTES);
        ByteBuffer bytes = source.slice(source.position(), count);
        source.position(source.position() + count);
        ByteBuffer message =
                frames.encode(new DefaultSpdyDataFrame(DATA, Unpooled.wrappedBuffer(bytes)));
        if (!message.hasRemaining()) {
            throw new ClosedChannelException();
        }
        return message;
    }

    @Override
    public void receive(ByteBuffer message, Receiver receiver) throws IOException {
        frames.decode(message, frame -> take(frame, receiver));
    }

    private void take(Object frame, Receiver receiver) throws IOException {
        switch (frame) {
            case SpdySynStreamFrame opened ->
                    throw new IOException("the API server opened a stream of its own");
            case SpdyHeadersFrame reply -> {
                replied(reply.streamId(), receiver);
                endedIf(reply.isLast(), reply.streamId(), receiver);
            }
            case SpdyDataFrame data -> {
                data(data, receiver);
                endedIf(data.isLast(), data.streamId(), receiver);
            }
            case SpdyRstStreamFrame reset ->
                    throw new IOException(
                            told().orElse(noun() + " was reset: " + reset.status().statusPhrase()));
            case SpdyPingFrame ping -> {
                // Those of an even number are the server's, and are sent back (§2.6.5).
                if (ping.id() % 2 == 0) {
                    receiver.answer(frames.encode(new DefaultSpdyPingFrame(ping.id())));
                }
            }
            default -> {
                // GOAWAY: what is open goes on. Settings and windows: see above.
            }
        }
    }

    private void replied(int stream, Receiver receiver) {
        errorReplied |= stream == ERROR;
        dataReplied |= stream == DATA;
        if (errorReplied && dataReplied) {
            receiver.ready();
        }
    }

    private void data(SpdyDataFrame frame, Receiver receiver) throws IOException {
        ByteBuf content = frame.content();
        switch (frame.streamId()) {
            case DATA -> {
                // What was decoded may be a part of a larger buffer, which would stay with it.
                ByteBuffer copy = ByteBuffer.allocate(content.readableBytes());
                content.readBytes(copy);
                receiver.bytes(copy.flip());
            }
            case ERROR -> {
                int count = Math.min(content.readableBytes(), MAX_TEXT_BYTES - text.size());
                content.readBytes(text, count);
            }
            default -> throw new IOException("the API server sent bytes of an unknown stream");
        }
    }

    private void endedIf(boolean isLast, int stream, Receiver receiver) throws IOException {
        errorEnded |= isLast && stream == ERROR;
        dataEnded |= isLast && stream == DATA;
        if (errorEnded && text.size() > 0) {
            throw new IOException(told().orElse(""));
        }
        if (errorEnded && dataEnded) {
            receiver.ended();
        }
    }

    private Optional<String> told() {
        return Optional.of(text.toString(StandardCharsets.UTF_8)).filter(said -> !said.isBlank());
    }

    /** A kubelet that is gone looks so: the API server closes the websocket in order. */
    @Override
    public Optional<String> unfinished() {
        return Optional.of(told().orElse(noun() + " broke: it was closed before its end"));
    }

    @Override
    public ByteBuffer farewell() {
        return frames.encode(new DefaultSpdyDataFrame(DATA, Unpooled.EMPTY_BUFFER).setLast(true));
    }

    @Override
    public void close() {
        frames.close();
    }
}
