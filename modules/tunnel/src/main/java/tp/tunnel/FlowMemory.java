package tp.tunnel;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the TCP flows of one client hold in this process, in both directions: read and not
 * acknowledged by the far end, or received and not taken by the kernel. Any thread.
 *
 * <p>Where it is full no socket of that client is read. What the far end sends it was allowed to
 * send, flow by flow, and that has a bound of its own: a flow for which there is no place is reset.
 */
final class FlowMemory {

    /** Where it is full. */
    static final long MOST_BYTES = 32L << 20;

    /** Of a client in the manager, which many share: with what was allowed to come. */
    static final long MOST_WITH_RECEIVED = 64L << 20;

    private final AtomicLong bytes = new AtomicLong();
    private final long mostWithReceived;
    private final LongAdder exceeded;

    private FlowMemory(long mostWithReceived, LongAdder exceeded) {
        this.mostWithReceived = mostWithReceived;
        this.exceeded = exceeded;
    }

    /** {@return that of a laptop, whose flows are bounded by their windows alone} */
    static FlowMemory ofLaptop() {
        return new FlowMemory(Long.MAX_VALUE, new LongAdder());
    }

    /**
     * {@return that of one of a manager's clients}
     *
     * @param exceeded counts the flows for which there was no place
     */
    static FlowMemory ofClient(LongAdder exceeded) {
        return new FlowMemory(MOST_WITH_RECEIVED, exceeded);
    }

    void add(long more) {
        bytes.addAndGet(more);
    }

    long bytes() {
        return bytes.get();
    }

    boolean isFull() {
        return bytes.get() >= MOST_BYTES;
    }

    /** {@return whether so many bytes more have no place} The flow they came for is to be reset. */
    boolean exceededBy(int more) {
        boolean tooMany = bytes.get() > mostWithReceived - more;
        if (tooMany) {
            exceeded.increment();
        }
        return tooMany;
    }
}
