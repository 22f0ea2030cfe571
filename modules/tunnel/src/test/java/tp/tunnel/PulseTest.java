package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine that sleeps: its timers stand still, and the clock on the wall does not. */
class PulseTest {

    private final VirtualWorld world = new VirtualWorld(1, 1);
    private final EventLoop loop = world.laptop.next();
    private final AtomicReference<Duration> asleep = new AtomicReference<>(Duration.ZERO);
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void start() {
        Pulse pulse =
                new Pulse(
                        loop,
                        new Answered(),
                        () -> Instant.ofEpochSecond(0, world.nowNs()).plus(asleep.get()));
        heard = pulse::heard;
        loop.execute(pulse::start);
    }

    private Runnable heard = () -> {};

    @AfterEach
    void end() {
        world.end();
    }

    /** Of a peer that answers at once. */
    private final class Answered implements Pulse.Owner {
        @Override
        public void ask(long silenceMs) {
            told.add("asked");
            heard.run();
        }

        @Override
        public void doubtful() {
            told.add("doubtful");
        }

        @Override
        public void slept() {
            told.add("slept");
        }

        @Override
        public void dead() {
            told.add("dead");
        }
    }

    private void pass(long seconds) {
        long endNs = world.nowNs() + TimeUnit.SECONDS.toNanos(seconds);
        while (world.nowNs() < endNs && world.step()) {
            // Whatever is due runs.
        }
    }

    @Test
    void afterSleepItIsToldOnceAndThePeerIsAsked() {
        pass(20);
        assertThat(told).contains("asked").doesNotContain("slept");

        asleep.set(Duration.ofHours(8));
        pass(3);
        assertThat(told).contains("slept").doesNotContain("doubtful", "dead");

        told.clear();
        pass(20);
        assertThat(told).doesNotContain("slept");
    }

    @Test
    void aClockThatIsSetRightIsNoSleep() {
        pass(10);
        asleep.set(Duration.ofSeconds(2));
        pass(10);
        asleep.set(Duration.ofHours(-1));
        pass(10);

        assertThat(told).contains("asked").doesNotContain("slept");
    }
}
