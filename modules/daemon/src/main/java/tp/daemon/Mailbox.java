package tp.daemon;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tp.stack.DialOutcome;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpListener;

/**
 * What other threads have for the TUN's thread. Letters must arrive; there is at most one for each
 * dial, and one for each flow. Datagrams are dropped when too many wait.
 */
final class Mailbox {

    private static final int MAX_DATAGRAMS = 1_024;

    /** A datagram may be of 64 KiB, and so many of those are not wanted. */
    private static final int MAX_BYTES = 8 << 20;

    /** What must arrive. */
    sealed interface Letter {

        record Dialed(long dialId, DialOutcome outcome, TcpFlow flow) implements Letter {}

        record FlowEnded(int slot, long dialId) implements Letter {}

        record UdpEnded(FlowView flow, UdpListener listener) implements Letter {}
    }

    /** What may be lost: a datagram's payload, which is released with it, or that there is none. */
    record Datagram(FlowView flow, @Nullable ByteBuf payload, Optional<Unreachable> unreachable) {

        void release() {
            if (payload != null) {
                payload.release();
            }
        }

        int bytes() {
            return payload == null ? 0 : payload.readableBytes();
        }
    }

    private final Queue<Letter> letters = new ConcurrentLinkedQueue<>();
    private final Queue<Datagram> datagrams = new ArrayBlockingQueue<>(MAX_DATAGRAMS);
    private final AtomicInteger bytes = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Runnable wake;

    /**
     * @param wake ends the reader's wait; any thread
     */
    Mailbox(Runnable wake) {
        this.wake = wake;
    }

    void post(Letter letter) {
        letters.add(letter);
        wake.run();
    }

    void post(Datagram datagram) {
        int size = datagram.bytes();
        if (bytes.addAndGet(size) <= MAX_BYTES && datagrams.offer(datagram)) {
            wake.run();
        } else {
            bytes.addAndGet(-size);
            dropped.incrementAndGet();
            datagram.release();
        }
    }

    @Nullable Letter nextLetter() {
        return letters.poll();
    }

    @Nullable Datagram nextDatagram() {
        Datagram datagram = datagrams.poll();
        if (datagram != null) {
            bytes.addAndGet(-datagram.bytes());
        }
        return datagram;
    }

    /** {@return datagrams that found no room} */
    long dropped() {
        return dropped.get();
    }
}
