package tp.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a download over QUIC ever stands still. Runs have one stream and eight in turn; every ten
 * have a session of their own, so that some are at its beginning, before anything is warm.
 */
record Stalls(Sizes sizes) implements Scenario {

    private static final int RUNS_PER_SESSION = 10;
    private static final int STREAMS = 8;
    private static final long BYTES = 64L << 20;
    private static final Duration STALL = Duration.ofSeconds(2);

    /** One download, or several at a time. */
    record Run(int number, int streams, List<String> wrong) {}

    @Override
    public String id() {
        return "stalls";
    }

    @Override
    public Finding run(Bench bench) throws IOException, InterruptedException {
        List<Run> runs = new ArrayList<>();
        while (runs.size() < sizes.stallRuns()) {
            int count = Math.min(RUNS_PER_SESSION, sizes.stallRuns() - runs.size());
            runs.addAll(session(bench, runs.size(), count));
        }
        List<Run> bad = runs.stream().filter(one -> !one.wrong().isEmpty()).toList();
        List<List<String>> rows =
                List.of(row("1", runs, 1), row(Integer.toString(STREAMS), runs, STREAMS));
        return new Finding(
                id(),
                "Downloads over quic of %d MiB in all, without an emulated link; one without a byte for %d s stands still."
                        .formatted(BYTES >> 20, STALL.toSeconds()),
                new Finding.Table(List.of("connections", "runs", "stalled or broken"), rows),
                List.of(
                        new Finding.Goal(
                                "no stall in " + runs.size() + " runs",
                                bad.isEmpty(),
                                bad.isEmpty() ? "none" : bad.toString())),
                runs);
    }

    private static List<Run> session(Bench bench, int first, int count)
            throws IOException, InterruptedException {
        return bench.over(
                "quic",
                load -> {
                    List<Run> runs = new ArrayList<>();
                    for (int number = first; number < first + count; number++) {
                        int streams = number % 2 == 0 ? 1 : STREAMS;
                        runs.add(
                                new Run(
                                        number,
                                        streams,
                                        load.watch(BYTES / streams, streams, STALL)));
                        Bench.progress("stalls " + runs.getLast());
                    }
                    return runs;
                });
    }

    private static List<String> row(String name, List<Run> runs, int streams) {
        List<Run> its = runs.stream().filter(one -> one.streams() == streams).toList();
        return List.of(
                name,
                Integer.toString(its.size()),
                Long.toString(its.stream().filter(one -> !one.wrong().isEmpty()).count()));
    }
}
