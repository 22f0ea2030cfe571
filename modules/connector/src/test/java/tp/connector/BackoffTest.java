package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
    private static final long SOON_NS = TimeUnit.SECONDS.toNanos(2);

    @Test
    void whatIsAwayForAMinuteIsLookedForEveryTwoSeconds() {
        Backoff backoff = new Backoff(new SplittableRandom(7));
        assertThat(backoff.nextNs()).isZero();
        long elapsed = 0;
        int attempts = 0;
        while (elapsed < MINUTE_NS) {
            long wait = backoff.nextNs();
            assertThat(wait).isBetween(TimeUnit.MILLISECONDS.toNanos(50), SOON_NS);
            elapsed += wait;
            attempts++;
        }
        assertThat(attempts).isLessThan(60);
    }

    @Test
    void whatIsAwayForLongIsLookedForLessOften() {
        Backoff backoff = new Backoff(new SplittableRandom(7));
        for (int i = 0; i < 70; i++) {
            backoff.nextNs();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.nextNs()).isBetween(5 * SOON_NS / 2, 5 * SOON_NS);
        }
    }
}
