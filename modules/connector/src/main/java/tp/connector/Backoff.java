package tp.connector;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long it is from one attempt to the next: at once, then twice as long each time, up to two
 * seconds, so that whatever was away for a minute is noticed soon when it is back; after two
 * minutes up to ten.
 */
final class Backoff {

    private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SOON_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long MAX_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int SOON_ATTEMPTS = 60;

    private final RandomGenerator random;
    private long nextNs;
    private int attempts;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** {@return the next wait} Spread by half, so that many clients do not come back as one. */
    long nextNs() {
        long wait = nextNs;
        attempts++;
        nextNs = Math.clamp(wait * 2, FIRST_NS, attempts < SOON_ATTEMPTS ? SOON_NS : MAX_NS);
        return wait == 0 ? 0 : wait / 2 + random.nextLong(wait / 2 + 1);
    }
}
