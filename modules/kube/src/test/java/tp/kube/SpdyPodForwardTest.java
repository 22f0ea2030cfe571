package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.WebSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many connections over one websocket, against what a kubelet may say, in virtual time. */
class SpdyPodForwardTest {

    /** Its event loop is the executor, with a clock that stands still until it is told. */
    private final EmbeddedChannel time = new EmbeddedChannel();

    private long nowNs;
    private final Backlog backlog = new Backlog();
    private final SpdyPodForward forward =
            new SpdyPodForward("pod default/web", time.eventLoop(), () -> nowNs, backlog);
    private final FakeSocket socket = new FakeSocket();
    private final EmbeddedChannel server =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private MessageSocket messages = new MessageSocket(new Deaf(), closed -> {});

    SpdyPodForwardTest() {
        time.freezeTime();
    }

    @AfterEach
    void stop() {
        forward.close();
        server.finishAndReleaseAll();
        time.finishAndReleaseAll();
    }

    private static final class Deaf implements MessageSocket.Listener {
        @Override
        public void received(ByteBuffer message) {}

        @Override
        public void ended(String why) {}
    }

    private final class FakeSocket implements WebSocket {
        private long unsent;
        private int requested;
        private boolean closed;

        @Override
        public boolean send(ByteBuffer message) {
            server.writeInbound(Unpooled.copiedBuffer(message));
            return true;
        }

        @Override
        public boolean sendClose(int code, String reason) {
            closed = true;
            return true;
        }

        @Override
        public long queueSize() {
            return unsent;
        }

        @Override
        public void request() {
            requested++;
        }
    }

    private static final class Heard implements PodForward.Events {
        private final List<String> events = new ArrayList<>();

        @Override
        public void established() {
            events.add("established");
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            events.add("bytes " + StandardCharsets.UTF_8.decode(bytes));
        }

        @Override
        public void ended() {
            events.add("ended");
        }

        @Override
        public void failed(PodForward.Failure failure, String why) {
            events.add(failure + ": " + why);
        }

        @Override
        public void writable() {
            events.add("writable");
        }
    }

    private void open() {
        forward.open(
                listener -> {
                    messages = new MessageSocket(listener, closed -> {});
                    messages.onOpen(socket);
                    return messages;
                });
        run();
    }

    private void run() {
        time.runPendingTasks();
    }

    private void pass(long ms) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
        time.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
        time.runScheduledPendingTasks();
    }

    private void say(Object... frames) {
        server.writeOutbound(frames);
        for (ByteBuf part = server.readOutbound(); part != null; part = server.readOutbound()) {
            messages.onMessage(socket, ByteBuffer.wrap(io.netty.buffer.ByteBufUtil.getBytes(part)));
            part.release();
        }
        run();
    }

    private static Object reply(int stream) {
        var reply = new DefaultSpdySynReplyFrame(stream);
        reply.headers().set("port", "80");
        return reply;
    }

    private static Object data(int stream, String text, boolean last) {
        return new DefaultSpdyDataFrame(stream, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
                .setLast(last);
    }

    /** {@return the pings that came with the greetings, after all that was sent is read} */
    private List<Object> sent() {
        List<Object> frames = new ArrayList<>();
        for (Object one = server.readInbound(); one != null; one = server.readInbound()) {
            frames.add(one);
        }
        return frames;
    }

    /** Answers what was sent so far: the streams, and each ping. */
    private void accept(int request) {
        List<Object> pings =
                sent().stream()
                        .filter(SpdyPingFrame.class::isInstance)
                        .<Object>map(
                                frame -> new DefaultSpdyPingFrame(((SpdyPingFrame) frame).id()))
                        .toList();
        say(reply(4 * request + 1), reply(4 * request + 3));
        say(pings.toArray());
    }

    @Test
    void whatWasBegunBeforeItIsOpenIsGreetedThen() {
        forward.connect(80, new Heard());
        forward.connect(81, new Heard());
        assertThat(sent()).isEmpty();

        open();

        assertThat(
                        sent().stream()
                                .filter(SpdySynStreamFrame.class::isInstance)
                                .map(SpdySynStreamFrame.class::cast)
                                .map(
                                        frame ->
                                                frame.streamId()
                                                        + " "
                                                        + frame.headers().get("streamtype")
                                                        + " "
                                                        + frame.headers().get("port")
                                                        + " "
                                                        + frame.headers().get("requestid")))
                .containsExactly("1 error 80 0", "3 data 80 0", "5 error 81 1", "7 data 81 1");
    }

    @Test
    void aConnectionIsEstablishedWhenNothingSpokeAgainstIt() {
        Heard heard = new Heard();
        forward.connect(80, heard);
        open();
        accept(0);
        pass(99);
        assertThat(heard.events).isEmpty();
        pass(1);

        assertThat(heard.events).containsExactly("established");
    }

    @Test
    void theFirstByteEstablishesIt() {
        Heard heard = new Heard();
        forward.connect(80, heard);
        open();
        accept(0);
        say(data(3, "hello", false));
        pass(200);

        assertThat(heard.events).containsExactly("established", "bytes hello");
    }

    @ParameterizedTest
    @CsvSource({
        "IPv4: dial tcp4 127.0.0.1:80: connect: connection refused, REFUSED",
        "connect: no route to host, UNREACHABLE",
        "dial tcp: i/o timeout, TIMED_OUT",
        "no such container, BROKEN",
    })
    void anErrorBeforeSaysHowTheConnectEnded(String text, PodForward.Failure failure) {
        Heard heard = new Heard();
        forward.connect(80, heard);
        open();
        accept(0);
        say(data(1, text, true), data(3, "", true));
        pass(200);

        assertThat(heard.events).containsExactly(failure + ": " + text);
        assertThat(forward.isOpen()).isTrue();
        assertThat(forward.connections()).isZero();
    }

    @Test
    void connectionsAreToldApartAndAnErrorOfOneIsNotTheOthers() {
        Heard one = new Heard();
        Heard other = new Heard();
        forward.connect(80, one);
        open();
        accept(0);
        forward.connect(80, other);
        accept(1);
        say(data(3, "a", false), data(7, "b", false), data(5, "broken pipe", true));
        say(new DefaultSpdyRstStreamFrame(99, 5), data(3, "c", false));

        assertThat(one.events).containsExactly("established", "bytes a", "bytes c");
        assertThat(other.events).containsExactly("established", "bytes b", "BROKEN: broken pipe");
    }

    /** They have the numbers in between, and were taken for those of the next connection. */
    @Test
    void streamsOfTheServerAreNobodys() {
        Heard heard = new Heard();
        PodForward.Connection connection = forward.connect(80, heard);
        open();
        accept(0);
        say(data(3, "a", false), data(2, "b", false), new DefaultSpdyRstStreamFrame(2, 5));
        connection.taken(1);

        assertThat(heard.events).containsExactly("established", "bytes a");
        connection.taken(1);
        assertThat(backlog.bytes()).isZero();
    }

    @Test
    void anEndIsHeardAndTheOtherDirectionGoesOn() {
        Heard heard = new Heard();
        PodForward.Connection connection = forward.connect(80, heard);
        open();
        accept(0);
        say(data(3, "all", false), data(1, "", true), data(3, "", true));
        connection.send(ByteBuffer.wrap("more".getBytes(StandardCharsets.UTF_8)));
        connection.finish();

        assertThat(heard.events).containsExactly("established", "bytes all", "ended");
        assertThat(
                        sent().stream()
                                .filter(SpdyDataFrame.class::isInstance)
                                .map(SpdyDataFrame.class::cast)
                                .map(
                                        frame ->
                                                frame.content().toString(StandardCharsets.UTF_8)
                                                        + frame.isLast()))
                .containsExactly("morefalse", "true");
        assertThat(forward.connections()).isZero();
    }

    @Test
    void aResetGivesUpBothStreams() {
        PodForward.Connection connection = forward.connect(80, new Heard());
        open();
        accept(0);
        connection.reset();

        assertThat(
                        sent().stream()
                                .filter(SpdyRstStreamFrame.class::isInstance)
                                .map(frame -> ((SpdyRstStreamFrame) frame).streamId()))
                .containsExactly(3, 1);
    }

    @Test
    void whatIsNotTakenStopsTheWebsocketAndOthersAreBetterElsewhere() {
        PodForward.Connection connection = forward.connect(80, new Heard());
        open();
        accept(0);
        int before = socket.requested;
        String much = "x".repeat(60_000);
        int messages = SpdyPodForward.RECEIVED_BYTES / much.length() + 1;
        for (int i = 0; i < messages; i++) {
            say(data(3, much, false));
        }

        assertThat(socket.requested - before).isEqualTo(messages - 1);
        assertThat(forward.isClogged()).isFalse();
        pass(1_001);
        assertThat(forward.isClogged()).isTrue();
        connection.taken(messages * much.length());
        assertThat(socket.requested - before).isEqualTo(messages);
        assertThat(forward.isClogged()).isFalse();
    }

    @Test
    void aResetMakesRoomForWhatWasNotTaken() {
        PodForward.Connection connection = forward.connect(80, new Heard());
        open();
        accept(0);
        for (int i = 0; i < 71; i++) {
            say(data(3, "x".repeat(60_000), false));
        }
        pass(1_001);
        assertThat(forward.isClogged()).isTrue();
        connection.reset();

        assertThat(forward.isClogged()).isFalse();
    }

    @Test
    void whatWaitsOverAllWebsocketsIsBoundedAndNobodyStarves() {
        PodForward.Connection connection = forward.connect(80, new Heard());
        open();
        accept(0);
        backlog.add(Backlog.MOST_BYTES); // of others
        int before = socket.requested;
        say(data(3, "more", false));
        assertThat(socket.requested - before).as("it keeps a part of it").isZero();
        connection.taken(4);
        assertThat(socket.requested - before).as("it keeps nothing").isEqualTo(1);
        say(data(3, "more", false));
        assertThat(socket.requested - before).isEqualTo(1);
        backlog.remove(4);
        run();
        assertThat(socket.requested - before).as("it is still full").isEqualTo(1);
        backlog.remove(1);
        run();

        assertThat(socket.requested - before).as("there is room").isEqualTo(2);
    }

    @Test
    void whatWaitedForAConnectionThatIsOverWaitsNoMore() {
        PodForward.Connection connection = forward.connect(80, new Heard());
        open();
        accept(0);
        say(data(3, "more", false));
        assertThat(backlog.bytes()).isEqualTo(4);
        messages.onClose(socket, 1006, "");
        run();
        assertThat(backlog.bytes()).as("it is still to be delivered").isEqualTo(4);
        connection.reset();

        assertThat(backlog.bytes()).isZero();
    }

    @Test
    void whoeverMayNotWriteIsToldWhenHeMay() {
        Heard heard = new Heard();
        PodForward.Connection connection = forward.connect(80, heard);
        open();
        accept(0);
        pass(100);
        socket.unsent = SpdyPodForward.UNSENT_BYTES;
        assertThat(connection.isWritable()).isFalse();
        pass(5);
        assertThat(heard.events).containsExactly("established");
        socket.unsent = 0;
        pass(5);

        assertThat(heard.events).containsExactly("established", "writable");
    }

    @Test
    void silenceEndsIt() {
        Heard heard = new Heard();
        forward.connect(80, heard);
        open();
        accept(0);
        for (int second = 0; second < 15; second += 5) {
            pass(5_000);
            say(new DefaultSpdyPingFrame(2));
        }
        assertThat(heard.events).containsExactly("established");
        pass(20_000);

        assertThat(heard.events.getLast())
                .isEqualTo("BROKEN: pod default/web has not answered for 16 s");
        assertThat(socket.closed).isTrue();
    }

    /**
     * While it is idle nothing is asked and so nothing heard; a beat may come before the answer.
     */
    @Test
    void afterAnIdleTimeTheNextConnectionIsNotTakenForDead() {
        PodForward.Connection first = forward.connect(80, new Heard());
        open();
        accept(0);
        first.reset();
        for (int second = 0; second < 30; second += 5) {
            pass(5_000);
        }
        Heard heard = new Heard();
        forward.connect(80, heard);
        pass(5_000);
        accept(1);
        pass(100);

        assertThat(heard.events).containsExactly("established");
    }

    @Test
    void idleItCloses() {
        open();
        pass(59_000);
        assertThat(forward.isOpen()).isTrue();
        pass(6_001);

        assertThat(forward.isOpen()).isFalse();
        assertThat(socket.closed).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"404, NO_SUCH_POD", "403, FORBIDDEN", "502, BROKEN"})
    void whoWaitsForItHearsWhyItIsNotOpened(int status, PodForward.Failure failure) {
        Heard heard = new Heard();
        forward.connect(80, heard);
        forward.open(
                listener -> {
                    throw new RefusedStreamException(status, "why", new IOException("cause"));
                });
        run();

        assertThat(heard.events).containsExactly(failure + ": why");
        assertThat(forward.isOpen()).isFalse();
    }

    @Test
    void itsEndIsTheEndOfAll() {
        Heard heard = new Heard();
        forward.connect(80, heard);
        open();
        accept(0);
        pass(100);
        messages.onClose(socket, 1006, "");
        run();

        assertThat(heard.events)
                .containsExactly(
                        "established",
                        "BROKEN: the API server closed the forwarded connections (websocket code"
                                + " 1006)");
    }
}
