package tp.tunnel;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The dials of one connection: so many at a time, the others in the order in which they were asked
 * for. Who scans addresses where nobody answers waits for its own dials, and nobody else does. On
 * the connection's event loop.
 */
final class DialTurns {

    /** At a time. */
    static final int MOST = 512;

    /** A dial that waits for its turn. */
    interface Dialer {
        /** {@return whether it has begun, and {@link #ended} will be called} */
        boolean begin();
    }

    private final AtomicInteger waitingOfAll;

    /** Bounded by the flows that a connection may have: who is closed is forgotten. */
    private final SequencedSet<Dialer> waiting = new LinkedHashSet<>();

    private int underWay;

    /**
     * @param waitingOfAll counts those that wait, of all connections
     */
    DialTurns(AtomicInteger waitingOfAll) {
        this.waitingOfAll = waitingOfAll;
    }

    void ask(Dialer dialer) {
        if (underWay < MOST) {
            begin(dialer);
        } else if (waiting.add(dialer)) {
            waitingOfAll.incrementAndGet();
        }
    }

    private void begin(Dialer dialer) {
        underWay++;
        if (!dialer.begin()) {
            underWay--;
        }
    }

    /** One has its outcome, or is not wanted any more. */
    void ended() {
        underWay--;
        while (underWay < MOST && !waiting.isEmpty()) {
            waitingOfAll.decrementAndGet();
            begin(waiting.removeFirst());
        }
    }

    /** It is not wanted any more, and may not have begun. */
    void forget(Dialer dialer) {
        if (waiting.remove(dialer)) {
            waitingOfAll.decrementAndGet();
        }
    }

    /** The connection is over. */
    void clear() {
        waitingOfAll.addAndGet(-waiting.size());
        waiting.clear();
    }
}
