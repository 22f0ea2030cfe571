package tp.tunnel;

import java.time.Duration;
import java.time.Instant;

/**
 * Whether this machine was asleep: the clock on the wall went on meanwhile, and the one that counts
 * from the start stood still (CLOCK_MONOTONIC, clock_gettime(2)), so that no timer tells of it.
 * Where somebody sets the clock ahead it looks the same, and costs one more link. Without clocks
 * and threads.
 */
final class SleepWatch {

    /** Less is a clock that is set right. */
    static final Duration LEAST = Duration.ofSeconds(3);

    private long lookedNs;
    private Instant looked;

    SleepWatch(long nowNs, Instant now) {
        lookedNs = nowNs;
        looked = now;
    }

    /** {@return whether it was since the last look} */
    boolean slept(long nowNs, Instant now) {
        Duration awake = Duration.ofNanos(nowNs - lookedNs);
        Duration passed = Duration.between(looked, now);
        lookedNs = nowNs;
        looked = now;
        return passed.minus(awake).compareTo(LEAST) >= 0;
    }
}
