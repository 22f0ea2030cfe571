package tp.kube;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for slow readers over all websockets to pods. Thread-safe.
 *
 * <p>Where it is full, those who keep a part of it receive no more until there is room again. Those
 * who keep nothing take one message at a time, so that nobody waits for the readers of another pod.
 */
final class Backlog {

    /** As much as a session with a manager has. */
    static final int MOST_BYTES = 32 << 20;

    private final AtomicLong bytes = new AtomicLong();
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    void add(int count) {
        bytes.addAndGet(count);
    }

    void remove(int count) {
        bytes.addAndGet(-count);
        wake();
    }

    long bytes() {
        return bytes.get();
    }

    boolean isFull() {
        return bytes.get() >= MOST_BYTES;
    }

    /**
     * Has that run once when there is room.
     *
     * @param waker does not block; the same one waits only once
     */
    void whenRoom(Runnable waker) {
        waiting.add(waker);
        wake(); // there may have been room before it was added
    }

    void forget(Runnable waker) {
        waiting.remove(waker);
    }

    private void wake() {
        if (isFull()) {
            return;
        }
        for (Runnable waker : List.copyOf(waiting)) {
            if (waiting.remove(waker)) {
                waker.run();
            }
        }
    }
}
