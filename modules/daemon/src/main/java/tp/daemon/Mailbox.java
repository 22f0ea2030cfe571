package tp.daemon;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tp.stack.DialOutcome;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.EchoListener;
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

        record EchoEnded(FlowView flow, EchoListener listener) implements Letter {}

        /** Somebody wants to know what goes through. */
        record Look(CompletableFuture<List<LiveFlow>> answer) implements Letter {}
    }

    /** What may be lost: what is in it, which is released with it, or that there is nothing. */
    sealed interface Perishable {

        FlowView flow();

        @Nullable ByteBuf payload();

        Optional<Unreachable> unreachable();

        default void release() {
            ByteBuf held = payload();
            if (held != null) {
                held.release();
            }
        }

        default int bytes() {
            ByteBuf held = payload();
            return held == null ? 0 : held.readableBytes();
        }
    }

    /** Of UDP. */
    record Datagram(FlowView flow, @Nullable ByteBuf payload, Optional<Unreachable> unreachable)
            implements Perishable {}

    /**
     * Of echo requests.
     *
     * @param payload sequence number and data
     * @param sequence of the request that does not arrive, where there is no payload
     */
    record Echo(
            FlowView flow,
            @Nullable ByteBuf payload,
            int sequence,
            Optional<Unreachable> unreachable)
            implements Perishable {}

    private final Queue<Letter> letters = new ConcurrentLinkedQueue<>();
    private final Queue<Perishable> datagrams = new ArrayBlockingQueue<>(MAX_DATAGRAMS);
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

    void post(Perishable datagram) {
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

    @Nullable Perishable nextDatagram() {
        Perishable datagram = datagrams.poll();
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
