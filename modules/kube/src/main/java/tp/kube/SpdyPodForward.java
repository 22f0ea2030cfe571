package tp.kube;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyHeadersFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Many forwarded connections over one websocket of {@code SPDY/3.1+portforward.k8s.io}: each has an
 * {@code error} and a {@code data} stream of its own, told apart by {@code requestid}. {@link
 * PortForwardStreams} says what is known of the other end.
 *
 * <p>Back-pressure: since single streams have no windows, the websocket as a whole is not read any
 * further while {@link #RECEIVED_BYTES} wait for those who have the connections, or the {@link
 * Backlog} of all websockets is full. So one who does not read stops the others, which {@link
 * #isClogged} tells.
 *
 * <p>Everything runs on the executor, but for what the websocket calls, which is handed to it.
 */
final class SpdyPodForward implements PodForward {

    /** How it gets its websocket, and in what time. Blocks. */
    @FunctionalInterface
    interface Opening {
        MessageSocket open(MessageSocket.Listener listener) throws IOException;
    }

    /** What waits for slow readers at one time. */
    static final int RECEIVED_BYTES = 4 << 20;

    /** Small, so that what is sent first leaves first: about 200 ms at 10 Mbit/s. */
    static final int UNSENT_BYTES = 256 << 10;

    /** With its header such a frame stays within what every proxy on the way takes. */
    private static final int FRAME_BYTES = Subprotocol.MESSAGE_BYTES - 8;

    private static final long WRITABLE_LOOK_NS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long BEAT_NS = TimeUnit.SECONDS.toNanos(5);

    /** Three beats. */
    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(16);

    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long CLOGGED_NS = TimeUnit.SECONDS.toNanos(1);

    /** Identifiers have 31 bits, and each connection takes four of them. */
    private static final int MOST_REQUESTS = Integer.MAX_VALUE / 4 - 1;

    private final String pod;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoClock;
    private final Backlog backlog;
    private final Runnable whenRoom;
    private final SpdyFrames frames = new SpdyFrames();
    private final Map<Integer, PodConnection> connections = new HashMap<>();
    private final Map<Integer, Integer> openedWithPing = new HashMap<>();
    private final List<PodConnection> unwritable = new ArrayList<>();
    private final ScheduledFuture<?> beat;

    private @Nullable MessageSocket socket;
    private boolean closed;
    private int lastRequest = -1;
    private int lastPing = -1;
    private long receivedBytes;
    private boolean requestDue;
    private long stoppedAtNs;
    private long heardAtNs;
    private long idleSinceNs;

    /** {@link #open} is to follow. */
    SpdyPodForward(
            String pod,
            ScheduledExecutorService executor,
            LongSupplier nanoClock,
            Backlog backlog) {
        this.pod = pod;
        this.executor = executor;
        this.nanoClock = nanoClock;
        this.backlog = backlog;
        whenRoom = this::roomAgain;
        heardAtNs = nanoClock.getAsLong();
        idleSinceNs = heardAtNs;
        beat = executor.scheduleWithFixedDelay(this::beat, BEAT_NS, BEAT_NS, TimeUnit.NANOSECONDS);
    }

    /** {@return one that is being opened; connections may be begun at once} */
    static SpdyPodForward open(
            String pod, ScheduledExecutorService executor, Backlog backlog, Opening opening) {
        SpdyPodForward forward = new SpdyPodForward(pod, executor, System::nanoTime, backlog);
        Thread.ofVirtual().name("port-forward " + pod).start(() -> forward.open(opening));
        return forward;
    }

    /** Blocks until the websocket is open, or is not. */
    void open(Opening opening) {
        try {
            MessageSocket opened = opening.open(new FromSocket());
            later(() -> opened(opened));
        } catch (RefusedStreamException e) {
            Failure failure =
                    switch (e.status()) {
                        case 401, 403 -> Failure.FORBIDDEN;
                        case 404 -> Failure.NO_SUCH_POD;
                        default -> Failure.BROKEN;
                    };
            later(() -> fail(failure, Failures.oneLine(e)));
        } catch (NotNegotiatedException e) {
            later(
                    () ->
                            fail(
                                    Failure.FORBIDDEN,
                                    "the API server does not take "
                                            + PortForwardStreams.NAME
                                            + ", which Kubernetes has since 1.31: "
                                            + Failures.oneLine(e)));
        } catch (IOException e) {
            later(() -> fail(Failure.BROKEN, Failures.oneLine(e)));
        }
    }

    private void later(Runnable work) {
        try {
            executor.execute(work);
        } catch (RejectedExecutionException e) {
            // The session has ended, and everything in it.
        }
    }

    private void opened(MessageSocket opened) {
        if (closed) {
            opened.close();
            return;
        }
        socket = opened;
        heardAtNs = nanoClock.getAsLong();
        requestIfRoom();
        connections.values().forEach(this::greet);
    }

    /** In kubectl's order: the error stream, that we say nothing on it, the data stream. */
    private void greet(PodConnection connection) {
        int ping = ping();
        openedWithPing.put(ping, connection.request());
        write(
                SpdyFrames.stream(
                        connection.errorStream(), "error", connection.port(), connection.request()),
                last(connection.errorStream()),
                SpdyFrames.stream(
                        connection.dataStream(), "data", connection.port(), connection.request()),
                new DefaultSpdyPingFrame(ping));
        connection.greeted();
    }

    private int ping() {
        lastPing = lastPing >= Integer.MAX_VALUE - 2 ? 1 : lastPing + 2;
        return lastPing;
    }

    private static SpdyDataFrame last(int stream) {
        return new DefaultSpdyDataFrame(stream, Unpooled.EMPTY_BUFFER).setLast(true);
    }

    @Override
    public Connection connect(int port, Events events) {
        lastRequest++;
        var connection = new PodConnection(this, lastRequest, port, events);
        connections.put(lastRequest, connection);
        if (closed) {
            executor.execute(() -> connection.fail(Failure.BROKEN, "it was closed meanwhile"));
        } else if (socket != null) {
            greet(connection);
        }
        return connection;
    }

    @Override
    public int connections() {
        return connections.size();
    }

    @Override
    public boolean isClogged() {
        return requestDue && nanoClock.getAsLong() - stoppedAtNs > CLOGGED_NS;
    }

    @Override
    public boolean isOpen() {
        return !closed && lastRequest < MOST_REQUESTS;
    }

    // ---- for connections

    ScheduledExecutorService executor() {
        return executor;
    }

    void send(int stream, ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int count = Math.min(bytes.remaining(), FRAME_BYTES);
            ByteBuffer part = bytes.slice(bytes.position(), count);
            bytes.position(bytes.position() + count);
            write(new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(part)));
        }
    }

    void finish(int stream) {
        write(last(stream));
    }

    /** Streams that nobody has any more. */
    void abandon(PodConnection connection) {
        write(
                new DefaultSpdyRstStreamFrame(connection.dataStream(), SpdyStreamStatus.CANCEL),
                new DefaultSpdyRstStreamFrame(connection.errorStream(), SpdyStreamStatus.CANCEL));
    }

    private void write(Object... written) {
        MessageSocket to = socket;
        if (to != null && !closed) {
            to.send(frames.encode(written));
        }
    }

    boolean isWritable(PodConnection asking) {
        MessageSocket to = socket;
        boolean writable = to != null && to.unsentBytes() < UNSENT_BYTES;
        if (!writable && !unwritable.contains(asking)) {
            if (unwritable.isEmpty()) {
                lookLater();
            }
            unwritable.add(asking);
        }
        return writable;
    }

    private void lookLater() {
        executor.schedule(this::look, WRITABLE_LOOK_NS, TimeUnit.NANOSECONDS);
    }

    /** The client's websocket does not tell when it has room again; so it is asked. */
    private void look() {
        MessageSocket to = socket;
        if (closed || unwritable.isEmpty()) {
            unwritable.clear();
        } else if (to == null || to.unsentBytes() > UNSENT_BYTES / 2) {
            lookLater();
        } else {
            // The first to ask comes first; who fills it again asks once more and is the last.
            List<PodConnection> waiting = List.copyOf(unwritable);
            unwritable.clear();
            waiting.forEach(PodConnection::writable);
        }
    }

    void taken(int bytes) {
        receivedBytes -= bytes;
        backlog.remove(bytes);
        requestIfRoom();
    }

    private void roomAgain() {
        later(this::requestIfRoom);
    }

    private void requestIfRoom() {
        MessageSocket from = socket;
        if (!requestDue || from == null || closed) {
            return;
        }
        if (receivedBytes == 0 || (receivedBytes < RECEIVED_BYTES && !backlog.isFull())) {
            requestDue = false;
            from.request();
        } else if (receivedBytes < RECEIVED_BYTES) {
            backlog.whenRoom(whenRoom);
        }
    }

    void over(PodConnection connection) {
        connections.remove(connection.request());
        unwritable.remove(connection);
        if (connections.isEmpty()) {
            idleSinceNs = nanoClock.getAsLong();
        }
    }

    // ---- from the websocket

    private final class FromSocket implements MessageSocket.Listener {

        @Override
        public void received(ByteBuffer message) {
            later(() -> receive(message));
        }

        @Override
        public void ended(String why) {
            later(() -> fail(Failure.BROKEN, why));
        }
    }

    private void receive(ByteBuffer message) {
        if (closed) {
            return;
        }
        heardAtNs = nanoClock.getAsLong();
        try {
            frames.decode(message, this::take);
        } catch (IOException e) {
            fail(Failure.BROKEN, Failures.oneLine(e));
            return;
        }
        requestDue = true;
        stoppedAtNs = heardAtNs;
        requestIfRoom();
    }

    private void take(Object frame) {
        switch (frame) {
            case SpdyDataFrame data -> {
                PodConnection connection = of(data.streamId());
                if (connection != null) {
                    ByteBuffer bytes = copied(data.content());
                    if (connection.dataStream() == data.streamId()) {
                        receivedBytes += bytes.remaining();
                        backlog.add(bytes.remaining());
                    }
                    connection.received(data.streamId(), bytes, data.isLast());
                }
            }
            case SpdyRstStreamFrame reset -> {
                PodConnection connection = of(reset.streamId());
                if (connection != null) {
                    connection.wasReset(reset.status().statusPhrase());
                }
            }
            case SpdyHeadersFrame reply -> {
                PodConnection connection = of(reply.streamId());
                if (connection != null) {
                    connection.replied(reply.streamId(), reply.isLast());
                }
            }
            case SpdyPingFrame ping -> pinged(ping.id());
            case SpdyGoAwayFrame last -> lastRequest = MOST_REQUESTS;
            default -> {
                // Settings and windows: see PortForwardStreams.
            }
        }
    }

    /** What was decoded may be a part of a larger buffer, which would stay with it. */
    private static ByteBuffer copied(ByteBuf content) {
        ByteBuffer copy = ByteBuffer.allocate(content.readableBytes());
        content.readBytes(copy);
        return copy.flip();
    }

    /** {@return whose stream that is, null where it is nobody's: ours have odd numbers only} */
    private @Nullable PodConnection of(int stream) {
        return stream % 2 == 0 ? null : connections.get(stream / 4);
    }

    private void pinged(int id) {
        if (id % 2 == 0) {
            // The server's own, which are sent back (SPDY/3.1 §2.6.5).
            write(new DefaultSpdyPingFrame(id));
            return;
        }
        Integer request = openedWithPing.remove(id);
        PodConnection connection = request == null ? null : connections.get(request);
        if (connection != null) {
            connection.answered();
        }
    }

    private void beat() {
        long nowNs = nanoClock.getAsLong();
        if (connections.isEmpty()) {
            heardAtNs = nowNs; // nothing is asked
            if (nowNs - idleSinceNs > IDLE_NS) {
                close();
            }
        } else if (requestDue || socket == null) {
            heardAtNs = nowNs; // nothing is read, or there is nothing yet
        } else if (nowNs - heardAtNs > SILENCE_NS) {
            fail(
                    Failure.BROKEN,
                    pod + " has not answered for " + SILENCE_NS / 1_000_000_000 + " s");
        } else {
            write(new DefaultSpdyPingFrame(ping()));
        }
    }

    private void fail(Failure failure, String why) {
        if (closed) {
            return;
        }
        closed = true;
        beat.cancel(false);
        backlog.forget(whenRoom);
        MessageSocket open = socket;
        if (open != null) {
            open.close();
        }
        frames.close();
        List.copyOf(connections.values()).forEach(connection -> connection.fail(failure, why));
    }

    @Override
    public void close() {
        fail(Failure.BROKEN, "the connection to " + pod + " was closed");
    }
}
