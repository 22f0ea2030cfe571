package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Both ends as they are, in virtual time: whatever happens to the links, each byte of a flow comes
 * once, or both of its ends see a reset for which there is a reason; nothing hangs, ends early, or
 * is left behind.
 */
class ResumeModelTest {

    /** How many runs; a failed one is had again alone by its seed and one run. */
    private static final long RUNS = Long.getLong("tp.resume.runs", 1_000);

    private static final long FIRST_SEED = Long.getLong("tp.resume.seed", 1);

    @Test
    void everyFlowEndsInOrderOrInResetsWhateverHappensToItsLinks() {
        ResumeRun.Report all = ResumeRun.Report.NONE;
        List<String> failures = new ArrayList<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
            ResumeRun run = new ResumeRun(seed);
            all = all.plus(run.run());
            for (String failure : run.failures()) {
                failures.add("seed " + seed + ", " + failure);
            }
        }
        System.out.println(RUNS + " runs from seed " + FIRST_SEED + ": " + all);

        assertThat(failures).as("-Dtp.resume.seed=SEED -Dtp.resume.runs=1 shows one").isEmpty();
    }

    @Test
    void aSeedIsOneRun() {
        assertThat(new ResumeRun(7).run()).isEqualTo(new ResumeRun(7).run());
    }
}
