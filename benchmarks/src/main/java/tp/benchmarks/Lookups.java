package tp.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;
import tp.testkit.load.LaptopLoad;
import tp.testkit.load.Quantiles;
import tp.testkit.load.Spread;

/**
 * What asking for a name costs: one that is known to tp, against a bare UDP echo on the laptop; and
 * one that is not, against a round trip on a link that delays.
 */
record Lookups(Sizes sizes) implements Scenario {

    private static final Conditions LINK = Conditions.PERFECT.delay(Duration.ofMillis(20));

    private static final long SEED = 42_000;

    private static final double REPEATED_TO_ECHO = 3;

    /** One round trip, and not two. */
    private static final double FIRST_TO_PATH = 1.25;

    private static final int REPEATED_WARM_UP = 10_000;
    private static final int FIRST_WARM_UP = 300;

    /** A strategy by which the laptop asks tp, and a transport by which tp asks the cluster. */
    record Way(String strategy, String transport) {

        @Override
        public String toString() {
            return strategy + " over " + transport;
        }
    }

    /** One way in one repetition. */
    record Run(Way way, int repetition, LaptopLoad.Repeated repeated, LaptopLoad.First first) {}

    /** A kind of look-up, and what it is compared with. */
    private record Kind(
            String name,
            String yardstick,
            double most,
            Function<Run, Quantiles> lookup,
            Function<Run, Quantiles> beside) {

        double ratio(Run run) {
            return lookup.apply(run).p50Ms() / beside.apply(run).p50Ms();
        }
    }

    private static final List<Kind> KINDS =
            List.of(
                    new Kind(
                            "known name",
                            "UDP echo",
                            REPEATED_TO_ECHO,
                            run -> run.repeated().lookup(),
                            run -> run.repeated().echo()),
                    first("new name", LaptopLoad.First::one),
                    first("new name, A and AAAA at once", LaptopLoad.First::both),
                    first("new name, C library", LaptopLoad.First::library));

    private static Kind first(String name, Function<LaptopLoad.First, Quantiles> lookup) {
        return new Kind(
                name,
                "round trip",
                FIRST_TO_PATH,
                run -> lookup.apply(run.first()),
                run -> run.first().path());
    }

    @Override
    public String id() {
        return "lookups";
    }

    @Override
    public Finding run(Bench bench) throws IOException, InterruptedException {
        List<Way> ways = ways(bench.transports());
        List<Run> runs = new ArrayList<>();
        for (int repetition = 0; repetition < sizes.repetitions(); repetition++) {
            for (Way way : repetition % 2 == 0 ? ways : ways.reversed()) {
                Run run = measure(bench, way, repetition);
                runs.add(run);
                progress(run);
            }
        }
        return finding(ways, runs);
    }

    /**
     * The strategies that need nothing which a laptop may lack. What they do is the same over every
     * transport, so that one is enough for the second.
     */
    private static List<Way> ways(List<String> transports) {
        return Stream.concat(
                        transports.stream().map(each -> new Way("resolv.conf", each)),
                        transports.stream().limit(1).map(first -> new Way("redirect", first)))
                .toList();
    }

    private Run measure(Bench bench, Way way, int repetition)
            throws IOException, InterruptedException {
        return bench.over(
                way.transport(),
                way.strategy(),
                load -> {
                    LaptopLoad.Repeated repeated =
                            load.repeatedLookups(REPEATED_WARM_UP, sizes.repeatedLookups());
                    // Without a link, where it takes no time: the daemon has just been started.
                    load.firstLookups(FIRST_WARM_UP);
                    return new Run(way, repetition, repeated, first(bench, load, repetition));
                });
    }

    private LaptopLoad.First first(Bench bench, LaptopLoad load, int repetition)
            throws IOException, InterruptedException {
        try (LaptopLink link = bench.laptop().emulate(LINK, SEED + repetition)) {
            LaptopLoad.First first = load.firstLookups(sizes.firstLookups());
            if (!link.counters().contains("overflowed=0")) {
                throw new IOException("the link emulator had no room: " + link.counters());
            }
            return first;
        }
    }

    private void progress(Run run) {
        StringBuilder line = new StringBuilder();
        for (Kind kind : KINDS) {
            line.append(String.format(Locale.ROOT, ", %s %.2f", kind.name(), kind.ratio(run)));
        }
        Bench.progress(
                String.format(
                        Locale.ROOT,
                        "lookups %d/%d %s%s",
                        run.repetition() + 1,
                        sizes.repetitions(),
                        run.way(),
                        line));
    }

    private Finding finding(List<Way> ways, List<Run> runs) {
        List<List<String>> rows = new ArrayList<>();
        for (Kind kind : KINDS) {
            for (Way way : ways) {
                rows.add(row(kind, way, runs));
            }
        }
        return new Finding(
                id(),
                about(),
                new Finding.Table(
                        List.of("what", "strategy", "transport", "p50", "of", "p50", "ratio"),
                        rows),
                KINDS.stream().map(kind -> goal(kind, ways, runs)).toList(),
                runs);
    }

    private String about() {
        return "Look-ups, ms: a known name, asked for "
                + sizes.repeatedLookups()
                + " times by UDP in turn with a bare UDP echo on the laptop's loopback address; "
                + sizes.firstLookups()
                + " names that nobody asked for in the session, in turn with a TCP round trip to the"
                + " node, over a link of 40 ms there and back, after "
                + FIRST_WARM_UP
                + " without it. Of each run its median; the median of "
                + sizes.repetitions()
                + " interleaved runs (least-most), ratios run by run.";
    }

    private static List<String> row(Kind kind, Way way, List<Run> runs) {
        List<Run> its = of(runs, way);
        return List.of(
                kind.name(),
                way.strategy(),
                way.transport(),
                ms(its, run -> kind.lookup().apply(run).p50Ms()),
                kind.yardstick(),
                ms(its, run -> kind.beside().apply(run).p50Ms()),
                Figures.text(Figures.over(its, kind::ratio), 2));
    }

    private static String ms(List<Run> runs, ToDoubleFunction<Run> figure) {
        return Figures.text(Figures.over(runs, figure), 3);
    }

    /** It has to be reached in every way: the worst decides. */
    private static Finding.Goal goal(Kind kind, List<Way> ways, List<Run> runs) {
        Way worst =
                ways.stream()
                        .max(Comparator.comparingDouble(way -> ratio(kind, way, runs).median()))
                        .orElseThrow();
        Spread ratio = ratio(kind, worst, runs);
        return new Finding.Goal(
                String.format(
                        Locale.ROOT,
                        "%s: p50 is at most %.2f of a %s, in each way",
                        kind.name(),
                        kind.most(),
                        kind.yardstick()),
                ratio.median() <= kind.most(),
                "worst " + Figures.text(ratio, 2) + ", " + worst);
    }

    private static Spread ratio(Kind kind, Way way, List<Run> runs) {
        return Figures.over(of(runs, way), kind::ratio);
    }

    private static List<Run> of(List<Run> runs, Way way) {
        return runs.stream().filter(one -> one.way().equals(way)).toList();
    }
}
