package tp.tunnel;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the TCP flows of one client hold in this process. Any thread.
 *
 * <p>What was <em>read</em> from sockets goes when the far end has it, which no slow program can
 * prevent: where it is full no socket of that client is read for a moment. What was
 * <em>received</em> for sockets goes when programs take it, which may never be: it was allowed to
 * come, flow by flow, and a flow for which there is no place is reset.
 */
final class FlowMemory {

    /** Where what was read is full. */
    static final long MOST_READ = 32L << 20;

    /** Of a client in the manager, which many share. */
    static final long MOST_RECEIVED = 64L << 20;

    private final AtomicLong read = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final long mostReceived;
    private final LongAdder exceeded;

    private FlowMemory(long mostReceived, LongAdder exceeded) {
        this.mostReceived = mostReceived;
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
        return new FlowMemory(MOST_RECEIVED, exceeded);
    }

    void addRead(long more) {
        read.addAndGet(more);
    }

    void addReceived(long more) {
        received.addAndGet(more);
    }

    long bytes() {
        return read.get() + received.get();
    }

    /** {@return whether no more is to be read for now} */
    boolean isFull() {
        return read.get() >= MOST_READ;
    }

    /** {@return whether so much more has no place} The flow for which it came is to be reset. */
    boolean exceededBy(int more) {
        boolean tooMuch = received.get() > mostReceived - more;
        if (tooMuch) {
            exceeded.increment();
        }
        return tooMuch;
    }
}
