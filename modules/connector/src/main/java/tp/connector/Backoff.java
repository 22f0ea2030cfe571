package tp.connector;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** How long to wait between attempts: at once, then twice as long each time, up to ten seconds. */
final class Backoff {

    private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long MAX_NS = TimeUnit.SECONDS.toNanos(10);

    private final RandomGenerator random;
    private long nextNs;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** {@return the next wait} Spread by half, so that many clients do not come back as one. */
    long nextNs() {
        long wait = nextNs;
        nextNs = Math.clamp(wait * 2, FIRST_NS, MAX_NS);
        return wait == 0 ? 0 : wait / 2 + random.nextLong(wait / 2 + 1);
    }
}
