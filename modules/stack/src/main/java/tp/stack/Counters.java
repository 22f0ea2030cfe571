package tp.stack;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts for one writing thread; any thread may read. */
@SuppressWarnings("EnumOrdinal") // an index into an array that nobody else sees
final class Counters {

    private static final int SIZE = Counter.values().length;

    private final AtomicLongArray values = new AtomicLongArray(SIZE);

    void count(Counter counter) {
        int at = counter.ordinal();
        values.setOpaque(at, values.getPlain(at) + 1);
    }

    long value(Counter counter) {
        return values.getOpaque(counter.ordinal());
    }
}
