package tp.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;
import tp.testkit.load.LaptopLoad;

/**
 * How long small requests take beside a download, on a link that delays and loses. In each
 * repetition every transport has its own link, of the same conditions and seed.
 */
record BesideBulk(Sizes sizes) implements Scenario {

    private static final Conditions LINK =
            Conditions.PERFECT.delay(Duration.ofMillis(20)).loss(0.01);

    private static final long SEED = 41_000;

    private static final String QUIC = "quic";

    /** One transport in one repetition. */
    record Run(String transport, int repetition, LaptopLoad.Beside figures) {

        double requestsP95Ms() {
            return figures.requests().p95Ms();
        }

        double messagesP95Ms() {
            return figures.messages().p95Ms();
        }
    }

    @Override
    public String id() {
        return "beside-bulk";
    }

    @Override
    public Finding run(Bench bench) throws IOException, InterruptedException {
        bench.laptop().congestionControl(bench.tcp());
        List<Run> runs = new ArrayList<>();
        for (int repetition = 0; repetition < sizes.repetitions(); repetition++) {
            for (String transport : bench.order(repetition)) {
                Run run = new Run(transport, repetition, measure(bench, transport, repetition));
                runs.add(run);
                Bench.progress(
                        String.format(
                                Locale.ROOT,
                                "beside-bulk %d/%d %-12s p95 %.0f ms, messages %.0f ms, bulk %.1f"
                                        + " Mbit/s",
                                repetition + 1,
                                sizes.repetitions(),
                                transport,
                                run.requestsP95Ms(),
                                run.messagesP95Ms(),
                                mbit(run)));
            }
        }
        bench.laptop().congestionControl(Machine.congestionControl());
        return finding(bench, runs);
    }

    private LaptopLoad.Beside measure(Bench bench, String transport, int repetition)
            throws IOException, InterruptedException {
        try (LaptopLink link = bench.laptop().emulate(LINK, SEED + repetition)) {
            LaptopLoad.Beside beside = bench.over(transport, load -> load.beside(sizes.beside()));
            if (!link.counters().contains("overflowed=0")) {
                throw new IOException("the link emulator had no room: " + link.counters());
            }
            return beside;
        }
    }

    private Finding finding(Bench bench, List<Run> runs) {
        List<List<String>> rows = new ArrayList<>();
        for (String transport : bench.transports()) {
            List<Run> its = of(runs, transport);
            rows.add(
                    List.of(
                            transport,
                            ms(its, one -> one.figures().requests().p50Ms()),
                            ms(its, Run::requestsP95Ms),
                            ms(its, one -> one.figures().requests().p99Ms()),
                            ms(its, one -> one.figures().messages().p50Ms()),
                            ms(its, Run::messagesP95Ms),
                            ms(its, one -> one.figures().messages().p99Ms()),
                            Figures.text(Figures.over(its, BesideBulk::mbit), 1),
                            Integer.toString(
                                    its.stream().mapToInt(one -> one.figures().failed()).sum())));
        }
        return new Finding(
                id(),
                "Small HTTP requests (each on a fresh connection) and 64-byte messages (on open"
                        + " ones), ms, and the download beside them, over"
                        + " a link of 40 ms there and back that loses 1 % each way, TCP "
                        + bench.tcp()
                        + ": the median of "
                        + sizes.repetitions()
                        + " interleaved runs of "
                        + sizes.beside().toSeconds()
                        + " s (least-most).",
                new Finding.Table(
                        List.of(
                                "transport",
                                "request p50",
                                "request p95",
                                "request p99",
                                "message p50",
                                "message p95",
                                "message p99",
                                "bulk Mbit/s",
                                "failed"),
                        rows),
                goals(bench.transports(), runs),
                runs);
    }

    private static List<Finding.Goal> goals(List<String> transports, List<Run> runs) {
        List<Finding.Goal> goals = new ArrayList<>();
        if (transports.contains(QUIC)) {
            for (String other : transports) {
                if (!other.equals(QUIC)) {
                    goals.add(goal("requests", runs, other, Run::requestsP95Ms));
                    goals.add(goal("messages", runs, other, Run::messagesP95Ms));
                }
            }
        }
        return goals;
    }

    private static Finding.Goal goal(
            String kind, List<Run> runs, String other, ToDoubleFunction<Run> figure) {
        double quic = Figures.over(of(runs, QUIC), figure).median();
        double others = Figures.over(of(runs, other), figure).median();
        return new Finding.Goal(
                "p95 of " + kind + " is lower over quic than over " + other,
                quic < others,
                String.format(Locale.ROOT, "%.0f ms to %.0f ms", quic, others));
    }

    private static List<Run> of(List<Run> runs, String transport) {
        return runs.stream().filter(one -> one.transport().equals(transport)).toList();
    }

    private static String ms(List<Run> runs, ToDoubleFunction<Run> figure) {
        return Figures.text(Figures.over(runs, figure), 0);
    }

    private static double mbit(Run run) {
        return run.figures().bulkBytesPerSecond() * 8 / 1e6;
    }
}
