package tp.kube;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.client.http.WebSocket;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/**
 * What the API server says in the messages of a forwarded port, in each of the subprotocols. The
 * first byte says which, the rest are messages as chunks.
 */
public final class ForwardedPorts implements Target {

    private static final int MOST_MESSAGES = 16;

    private static final class Heard implements Subprotocol.Receiver {
        private int ended;

        @Override
        public void bytes(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void answer(ByteBuffer message) {
            Promise.kept(message.remaining() <= 64, "an answer is short");
        }

        @Override
        public void ready() {}

        @Override
        public void ended() {
            ended++;
        }
    }

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        switch (in.octet() % 3) {
            case 0 -> receive(new PortForwardMessages(), in);
            case 1 -> receive(new PortForwardStreams(80), in);
            default -> many(in);
        }
    }

    private static void receive(Subprotocol protocol, Input in) {
        Heard heard = new Heard();
        protocol.greeting();
        try {
            for (int i = 0; i < MOST_MESSAGES && !in.isEmpty() && heard.ended == 0; i++) {
                protocol.receive(ByteBuffer.wrap(in.chunk()), heard);
            }
            protocol.unfinished();
        } catch (IOException e) {
            Promise.kept(e.getMessage() != null, "why is said");
        } finally {
            protocol.close();
        }
    }

    /** Takes what comes at once. */
    private static final class Events implements PodForward.Events {
        private PodForward.Connection connection = new Nobody();
        private int over;

        @Override
        public void established() {
            Promise.same(over, 0, "nothing comes after the end");
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            Promise.same(over, 0, "nothing comes after the end");
            connection.taken(bytes.remaining());
        }

        @Override
        public void ended() {
            Promise.same(over, 0, "nothing comes after the end");
        }

        @Override
        public void failed(PodForward.Failure failure, String why) {
            over++;
            Promise.kept(why.lines().count() <= 1, "why is one line");
        }

        @Override
        public void writable() {}
    }

    private static final class Nobody implements PodForward.Connection {
        @Override
        public void send(ByteBuffer bytes) {}

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void taken(int bytes) {}

        @Override
        public void finish() {}

        @Override
        public void reset() {}
    }

    private static final class Socket implements WebSocket {
        @Override
        public boolean send(ByteBuffer message) {
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

    private static void many(Input in) {
        EmbeddedChannel time = new EmbeddedChannel();
        time.freezeTime();
        Backlog backlog = new Backlog();
        long[] nowNs = {0};
        SpdyPodForward forward =
                new SpdyPodForward("pod default/web", time.eventLoop(), () -> nowNs[0], backlog);
        List<Events> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Events events = new Events();
            events.connection = forward.connect(80 + i, events);
            all.add(events);
        }
        Socket socket = new Socket();
        forward.open(
                listener -> {
                    MessageSocket messages = new MessageSocket(listener, closed -> {});
                    messages.onOpen(socket);
                    for (int i = 0; i < MOST_MESSAGES && !in.isEmpty(); i++) {
                        messages.onMessage(socket, ByteBuffer.wrap(in.chunk()));
                    }
                    return messages;
                });
        time.runPendingTasks();
        time.advanceTimeBy(1, TimeUnit.SECONDS);
        time.runScheduledPendingTasks();
        Promise.same(backlog.bytes(), 0L, "what was taken waits no more");
        forward.close();
        time.runPendingTasks();
        Promise.same(forward.connections(), 0, "no connection is left");
        all.forEach(events -> Promise.kept(events.over <= 1, "the end is told once"));
        time.finishAndReleaseAll();
    }

    @Override
    public List<byte[]> seeds() {
        SpdyFrames frames = new SpdyFrames();
        byte[] replies =
                bytes(
                        frames.encode(
                                new DefaultSpdySynReplyFrame(1),
                                new DefaultSpdySynReplyFrame(3),
                                new DefaultSpdyPingFrame(1),
                                new DefaultSpdyPingFrame(2)));
        byte[] data =
                bytes(
                        frames.encode(
                                new DefaultSpdyDataFrame(3, Unpooled.wrappedBuffer(new byte[5])),
                                new DefaultSpdyDataFrame(1, Unpooled.EMPTY_BUFFER).setLast(true),
                                new DefaultSpdyDataFrame(3, Unpooled.EMPTY_BUFFER).setLast(true)));
        byte[] failed =
                bytes(
                        frames.encode(
                                new DefaultSpdyDataFrame(
                                                1,
                                                Unpooled.wrappedBuffer(
                                                        "connection refused".getBytes(US_ASCII)))
                                        .setLast(true),
                                new DefaultSpdyRstStreamFrame(3, 5)));
        frames.close();
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(
                new Bytes()
                        .octet(0)
                        .chunk(new byte[] {0, 80, 0})
                        .chunk(new byte[] {1, 80, 0})
                        .chunk(new byte[] {0, 'x'})
                        .chunk(new byte[] {1, 'n', 'o'})
                        .array());
        for (int kind = 1; kind < 3; kind++) {
            seeds.add(new Bytes().octet(kind).chunk(replies).chunk(data).array());
            seeds.add(new Bytes().octet(kind).chunk(replies).chunk(failed).array());
        }
        return seeds;
    }

    private static byte[] bytes(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }

    /**
     * Two codecs of SPDY, whose compression has windows of its own; a block of headers may be
     * inflated to its cap of 16 KiB in each message.
     */
    @Override
    public long capBytes(int inputBytes) {
        return 2L * 1024 * 1024 + 4_096L * inputBytes;
    }
}
