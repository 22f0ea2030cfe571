package tp.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock in nanoseconds that only moves when told to. Safe for use by several threads. */
public final class VirtualClock implements LongSupplier {

    private final AtomicLong nowNs;

    /** A clock that is close to the overflow of its long, where naive comparisons break. */
    public VirtualClock() {
        this(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    }

    public VirtualClock(long startNs) {
        nowNs = new AtomicLong(startNs);
    }

    @Override
    public long getAsLong() {
        return nowNs.get();
    }

    /** Moves time forward; a negative amount is refused, time never runs back. */
    public void advance(Duration amount) {
        if (amount.isNegative()) {
            throw new IllegalArgumentException("time does not run back: " + amount);
        }
        nowNs.addAndGet(amount.toNanos());
    }
}
