package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** In virtual time; all times in milliseconds. */
class LivenessTest {

    private static final long FOREVER = 60_000;

    private final Liveness liveness = new Liveness(0);
    private final List<String> told = new ArrayList<>();

    private static long ns(long milliseconds) {
        return TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    /**
     * Looks whenever it is time to, until that moment.
     *
     * @param answer when the answer to something that is sent at a moment is heard; {@link
     *     #FOREVER} never
     */
    private void run(long fromMs, long untilMs, LongUnaryOperator answer) {
        long heardAt = FOREVER;
        for (long now = fromMs; now < untilMs; now++) {
            if (now == heardAt) {
                liveness.heard(ns(now));
                heardAt = FOREVER;
            }
            if (liveness.nextLookNs() > ns(now)) {
                continue;
            }
            Liveness.Verdict verdict = liveness.look(ns(now));
            if (verdict != Liveness.Verdict.ALIVE) {
                told.add(now + " " + verdict);
                liveness.sent(ns(now));
                heardAt = Math.min(heardAt, now + answer.applyAsLong(now));
            }
            if (verdict == Liveness.Verdict.DEAD) {
                return;
            }
        }
    }

    @Test
    void aLinkWithoutTrafficIsAskedNowAndThen() {
        run(0, 8_000, now -> 40);
        assertThat(told).containsExactly("2500 ASK", "5040 ASK", "7580 ASK");
    }

    @Test
    void whoWasSentSomethingAndSaysNothingIsAskedEachSecondDoubtedAndGivenUp() {
        run(0, 2_000, now -> 40);
        liveness.sent(ns(2_000));
        run(2_000, 30_000, now -> FOREVER);
        assertThat(told.subList(0, 3)).containsExactly("3000 ASK", "4000 ASK", "5000 ASK");
        assertThat(told.get(3)).isEqualTo("5500 DOUBTFUL");
        assertThat(told.getLast()).isEqualTo("10000 DEAD");
    }

    @Test
    void aDeadPathIsDoubtedWithinSixSecondsWhateverWasGoingOn() {
        for (long lastHeard = 0; lastHeard < 2_500; lastHeard += 100) {
            Liveness one = new Liveness(0);
            one.heard(ns(lastHeard));
            if (lastHeard % 200 == 0) {
                one.sent(ns(lastHeard));
            }
            long doubt = -1;
            for (long now = lastHeard; doubt < 0; now++) {
                if (one.nextLookNs() <= ns(now)) {
                    Liveness.Verdict verdict = one.look(ns(now));
                    if (verdict != Liveness.Verdict.ALIVE) {
                        one.sent(ns(now));
                    }
                    if (verdict == Liveness.Verdict.DOUBTFUL) {
                        doubt = now;
                    }
                }
            }
            assertThat(doubt - lastHeard).isBetween(3_500L, 6_000L);
        }
    }

    @Test
    void anyByteIsLife() {
        liveness.sent(0);
        for (long now = 0; now < 60_000; now += 900) {
            liveness.heard(ns(now));
            liveness.sent(ns(now));
            run(now, now + 900, at -> FOREVER);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void aSlowAnswerIsNoDeath() {
        liveness.sent(0);
        run(0, 60_000, now -> 2_400);
        assertThat(told).noneMatch(line -> line.contains("DEAD") || line.contains("DOUBTFUL"));
    }

    @Test
    void timeThatThisMachineSleptIsNoProof() {
        liveness.sent(0);
        run(0, 1_500, now -> FOREVER);
        assertThat(told).containsExactly("1000 ASK");
        told.clear();
        run(FOREVER, FOREVER + 500, now -> 40);
        assertThat(told).doesNotContain("60000 DEAD", "60000 DOUBTFUL");
        told.clear();
        run(FOREVER + 500, FOREVER + 5_000, now -> FOREVER);
        assertThat(told).noneMatch(line -> line.contains("DEAD"));
    }
}
