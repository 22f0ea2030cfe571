package tp.kube;

import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A websocket (RFC 6455) as a blocking channel; what its messages mean is its subprotocol's.
 *
 * <p>Back-pressure: the next message is requested only while less than {@link #INCOMING_BYTES} wait
 * for the reader, and a writer waits while {@link #OUTGOING_BYTES} are not yet taken by the kernel.
 * The client's websocket tells of the latter only when asked, so a waiting writer asks again at
 * short intervals.
 *
 * <p>The listener's methods run on the client's event loop; reader and writer on threads of their
 * own.
 */
final class WebSocketChannel implements ByteChannel, WebSocket.Listener {

    /** The larger of the two: what a kubelet has sent already while the reader is busy. */
    static final int INCOMING_BYTES = 512 << 10;

    /** Small, so that what is sent first leaves first: about 200 ms at 10 Mbit/s. */
    static final int OUTGOING_BYTES = 256 << 10;

    /** Of those to one message; nobody asks so often in good faith. */
    private static final int MOST_ANSWERS = 4;

    private static final int NORMAL_CLOSURE = 1000; // RFC 6455 §7.4.1

    private static final long SHORTEST_PAUSE_NS = Duration.ofNanos(20_000).toNanos();
    private static final long LONGEST_PAUSE_NS = Duration.ofMillis(2).toNanos();

    private final Subprotocol subprotocol;
    private final Consumer<WebSocketChannel> whenClosed;
    private final Receiver receiver = new Receiver();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below: guarded by lock.
    private final Deque<ByteBuffer> incoming = new ArrayDeque<>();
    private int incomingBytes;
    private boolean requestDue;
    private boolean ready;
    private boolean ended;
    private @Nullable String failure;
    private boolean closed;
    private @Nullable WebSocket socket;

    /** Takes what a message brings; under the lock. */
    private final class Receiver implements Subprotocol.Receiver {

        private final List<ByteBuffer> answers = new ArrayList<>();

        @Override
        public void bytes(ByteBuffer bytes) {
            if (bytes.hasRemaining()) {
                incoming.add(bytes);
                incomingBytes += bytes.remaining();
            }
        }

        @Override
        public void answer(ByteBuffer message) {
            if (answers.size() < MOST_ANSWERS) {
                answers.add(message);
            }
        }

        @Override
        public void ready() {
            ready = true;
        }

        @Override
        public void ended() {
            ended = true;
        }

        List<ByteBuffer> takeAnswers() {
            List<ByteBuffer> taken = List.copyOf(answers);
            answers.clear();
            return taken;
        }
    }

    WebSocketChannel(Subprotocol subprotocol, Consumer<WebSocketChannel> whenClosed) {
        this.subprotocol = subprotocol;
        this.whenClosed = whenClosed;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        ByteBuffer greeting = subprotocol.greeting();
        boolean late;
        lock.lock();
        try {
            socket = webSocket;
            late = closed;
            ready = !greeting.hasRemaining();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (late) {
            webSocket.sendClose(NORMAL_CLOSURE, "");
        } else if (greeting.hasRemaining()) {
            webSocket.send(greeting);
        }
        webSocket.request();
    }

    /**
     * Waits until the other end has answered the greeting.
     *
     * @return whether it did in time
     * @throws IOException where it is over before, with the reason
     */
    boolean awaitReady(long timeoutNs) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = timeoutNs;
            while (!ready && !ended && failure == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (failure != null && !ready) {
                throw new IOException(failure);
            }
            return ready;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
        fail("the API server sent text where bytes were due");
    }

    @Override
    public void onMessage(WebSocket webSocket, ByteBuffer message) {
        boolean next;
        List<ByteBuffer> answers;
        lock.lock();
        try {
            accept(message);
            answers = receiver.takeAnswers();
            // After a close what still comes is dropped, so that the closing handshake is reached.
            next = closed || incomingBytes < INCOMING_BYTES;
            requestDue = !next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (ByteBuffer answer : answers) {
            if (webSocket.queueSize() < OUTGOING_BYTES) {
                webSocket.send(answer);
            }
        }
        if (next) {
            webSocket.request();
        }
    }

    // Must hold the lock.
    private void accept(ByteBuffer message) {
        if (closed || ended || failure != null) {
            return;
        }
        try {
            subprotocol.receive(message, receiver);
        } catch (IOException e) {
            failure = Failures.oneLine(e);
        }
    }

    @Override
    public void onClose(WebSocket webSocket, int code, String reason) {
        lock.lock();
        try {
            if (failure == null && !ended) {
                failure =
                        code == NORMAL_CLOSURE
                                ? subprotocol.unfinished().map(Failures::oneLine).orElse(null)
                                : subprotocol.noun() + " broke (websocket code " + code + ")";
            }
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        fail(subprotocol.noun() + " broke: " + Failures.oneLine(error));
    }

    private void fail(String why) {
        lock.lock();
        try {
            if (failure == null && !ended) {
                failure = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        WebSocket toRequest = null;
        int count;
        lock.lock();
        try {
            if (closed) {
                throw new ClosedChannelException();
            }
            while (incoming.isEmpty() && !ended && failure == null && target.hasRemaining()) {
                changed.awaitUninterruptibly();
                if (closed) {
                    throw new AsynchronousCloseException();
                }
            }
            count = take(target);
            if (requestDue && incomingBytes < INCOMING_BYTES) {
                requestDue = false;
                toRequest = socket;
            }
        } finally {
            lock.unlock();
        }
        if (toRequest != null) {
            toRequest.request();
        }
        return count;
    }

    // Must hold the lock.
    private int take(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        ByteBuffer first = incoming.peek();
        if (first == null) {
            if (failure != null) {
                throw new IOException(failure);
            }
            return -1;
        }
        int count = Math.min(target.remaining(), first.remaining());
        target.put(first.slice(first.position(), count));
        first.position(first.position() + count);
        incomingBytes -= count;
        if (!first.hasRemaining()) {
            incoming.remove();
        }
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int before = source.remaining();
        while (source.hasRemaining()) {
            WebSocket webSocket =
                    awaitRoom(Math.min(source.remaining(), Subprotocol.MESSAGE_BYTES));
            // The client copies the message before it returns.
            if (!webSocket.send(subprotocol.wrap(source))) {
                fail(subprotocol.noun() + " broke while sending");
            }
        }
        return before;
    }

    private WebSocket awaitRoom(int count) throws IOException {
        WebSocket webSocket = openSocket(new ClosedChannelException());
        long pauseNs = SHORTEST_PAUSE_NS;
        while (webSocket.queueSize() + count > OUTGOING_BYTES) {
            LockSupport.parkNanos(this, pauseNs);
            pauseNs = Math.min(pauseNs * 2, LONGEST_PAUSE_NS);
            openSocket(new AsynchronousCloseException());
        }
        return webSocket;
    }

    private WebSocket openSocket(ClosedChannelException ifClosed) throws IOException {
        lock.lock();
        try {
            if (closed || socket == null) {
                throw ifClosed;
            }
            if (failure != null) {
                throw new IOException(failure);
            }
            if (ended) {
                throw new IOException("the other end closed " + subprotocol.noun());
            }
            return socket;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        WebSocket toClose;
        ByteBuffer farewell;
        boolean request;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            toClose = socket;
            farewell =
                    ready && !ended && failure == null
                            ? subprotocol.farewell()
                            : Subprotocol.NOTHING;
            subprotocol.close();
            request = requestDue;
            requestDue = false;
            incoming.clear();
            incomingBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        whenClosed.accept(this);
        if (toClose != null) {
            if (farewell.hasRemaining()) {
                toClose.send(farewell);
            }
            toClose.sendClose(NORMAL_CLOSURE, "");
            if (request) {
                toClose.request();
            }
        }
    }
}
