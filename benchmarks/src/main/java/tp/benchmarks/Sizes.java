package tp.benchmarks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much is measured.
 *
 * @param repetitions of each scenario over all transports
 * @param beside how long small traffic runs beside a download
 * @param bulk how long one transfer takes that counts
 * @param stallRuns downloads that are watched
 * @param repeatedLookups of one name in a run
 * @param firstLookups of names that nobody asked for, in a run
 */
record Sizes(
        int repetitions,
        Duration beside,
        Duration bulk,
        int stallRuns,
        int repeatedLookups,
        int firstLookups) {

    static final Sizes FULL =
            new Sizes(7, Duration.ofSeconds(10), Duration.ofSeconds(4), 100, 10_000, 50);
    static final Sizes QUICK =
            new Sizes(3, Duration.ofSeconds(5), Duration.ofSeconds(2), 10, 5_000, 20);

    Sizes with(@Nullable Integer otherRepetitions, @Nullable Integer otherStallRuns) {
        return new Sizes(
                otherRepetitions == null ? repetitions : otherRepetitions,
                beside,
                bulk,
                otherStallRuns == null ? stallRuns : otherStallRuns,
                repeatedLookups,
                firstLookups);
    }
}
