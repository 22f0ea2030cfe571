package tp.tunnel;

import java.util.ArrayDeque;
import java.util.Deque;
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
    private final Deque<Dialer> waiting = new ArrayDeque<>();
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
        } else {
            waiting.add(dialer);
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
            begin(waiting.remove());
        }
    }

    /** The connection is over. */
    void clear() {
        waitingOfAll.addAndGet(-waiting.size());
        waiting.clear();
    }
}
