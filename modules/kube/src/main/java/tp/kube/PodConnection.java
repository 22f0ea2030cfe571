package tp.kube;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a {@link SpdyPodForward}: what its two streams say.
 *
 * <pre>
 *   GREETED ──both replied, ping answered, no error in GRACE, or a byte──► ESTABLISHED ──► OVER
 *      └────────────────── a text on the error stream, or a reset ──────────────────────────┘
 * </pre>
 */
final class PodConnection implements PodForward.Connection {

    private enum State {
        GREETED,
        ESTABLISHED,
        OVER
    }

    /**
     * The kubelet says nothing of a connect that succeeds. One that fails is told about the time
     * that it takes to connect to a port of the same machine later than the answer to a ping.
     */
    private static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MAX_TEXT_BYTES = 4 << 10;

    private final SpdyPodForward forward;
    private final int request;
    private final int port;
    private final PodForward.Events events;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    private State state = State.GREETED;
    private boolean errorReplied;
    private boolean dataReplied;
    private boolean answered;
    private boolean errorEnded;
    private boolean dataEnded;
    private boolean endTold;
    private boolean finished;
    private boolean greeted;
    private int untaken;

    PodConnection(SpdyPodForward forward, int request, int port, PodForward.Events events) {
        this.forward = forward;
        this.request = request;
        this.port = port;
        this.events = events;
    }

    int request() {
        return request;
    }

    int port() {
        return port;
    }

    /** A client's streams have odd numbers (SPDY/3.1 §2.3.2), and they only grow. */
    int errorStream() {
        return 4 * request + 1;
    }

    int dataStream() {
        return 4 * request + 3;
    }

    // ---- from the pod

    void greeted() {
        greeted = true;
    }

    void replied(int stream, boolean isLast) {
        errorReplied |= stream == errorStream();
        dataReplied |= stream == dataStream();
        settle();
        endedIf(isLast, stream);
    }

    /** The ping that went with the greeting is back. */
    void answered() {
        answered = true;
        settle();
    }

    private void settle() {
        if (state == State.GREETED && errorReplied && dataReplied && answered) {
            forward.executor().schedule(this::establish, GRACE_NS, TimeUnit.NANOSECONDS);
        }
    }

    private void establish() {
        if (state == State.GREETED) {
            state = State.ESTABLISHED;
            events.established();
        }
    }

    void received(int stream, ByteBuffer bytes, boolean isLast) {
        if (stream == errorStream()) {
            byte[] part = new byte[Math.min(bytes.remaining(), MAX_TEXT_BYTES - text.size())];
            bytes.get(part);
            text.writeBytes(part);
        } else if (bytes.hasRemaining()) {
            untaken += bytes.remaining();
            establish();
            if (state == State.ESTABLISHED) {
                events.bytes(bytes);
            }
        }
        endedIf(isLast, stream);
    }

    private void endedIf(boolean isLast, int stream) {
        errorEnded |= isLast && stream == errorStream();
        dataEnded |= isLast && stream == dataStream();
        if (state == State.OVER) {
            return;
        }
        if (errorEnded && text.size() > 0) {
            failAsTold();
        } else if (errorEnded && dataEnded && !endTold) {
            establish();
            endTold = true;
            events.ended();
            overIfDone();
        }
    }

    private void failAsTold() {
        String why = Failures.oneLine(text.toString(StandardCharsets.UTF_8));
        String said = why.toLowerCase(Locale.ROOT);
        PodForward.Failure failure = PodForward.Failure.BROKEN;
        if (state == State.GREETED) {
            if (said.contains("connection refused")) {
                failure = PodForward.Failure.REFUSED;
            } else if (said.contains("no route to host") || said.contains("unreachable")) {
                failure = PodForward.Failure.UNREACHABLE;
            } else if (said.contains("timed out") || said.contains("i/o timeout")) {
                failure = PodForward.Failure.TIMED_OUT;
            }
        }
        fail(failure, why);
    }

    void wasReset(String why) {
        if (text.size() > 0) {
            failAsTold();
        } else {
            fail(PodForward.Failure.BROKEN, "the forwarded connection was reset: " + why);
        }
    }

    void fail(PodForward.Failure failure, String why) {
        if (state != State.OVER) {
            over();
            events.failed(failure, why);
        }
    }

    void writable() {
        if (state == State.ESTABLISHED) {
            events.writable();
        }
    }

    // ---- to the pod

    @Override
    public void send(ByteBuffer bytes) {
        if (state != State.OVER && !finished) {
            forward.send(dataStream(), bytes);
        }
    }

    @Override
    public boolean isWritable() {
        return state == State.ESTABLISHED && forward.isWritable(this);
    }

    @Override
    public void taken(int bytes) {
        int counted = Math.min(bytes, untaken);
        untaken -= counted;
        forward.taken(counted);
    }

    @Override
    public void finish() {
        if (state != State.OVER && !finished) {
            finished = true;
            forward.finish(dataStream());
            overIfDone();
        }
    }

    private void overIfDone() {
        if (finished && endTold) {
            over();
        }
    }

    @Override
    public void reset() {
        if (state != State.OVER) {
            if (greeted) {
                forward.abandon(this);
            }
            over();
        }
        taken(untaken);
    }

    private void over() {
        state = State.OVER;
        forward.over(this);
    }
}
