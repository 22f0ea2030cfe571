package tp.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tp.testkit.load.Spread;

/** How fast one connection is on a link that neither delays nor loses, each way. */
record Throughput(Sizes sizes) implements Scenario {

    private static final double GRPC_TO_PIPE = 0.8;
    private static final double QUIC_TO_GRPC = 0.2;

    /** One transport in one repetition. */
    record Run(String transport, int repetition, double downMbit, double upMbit) {}

    /** What is compared with what: that transport with the fastest of the others. */
    private record Comparison(String transport, List<String> others, double least) {}

    @Override
    public String id() {
        return "throughput";
    }

    @Override
    public Finding run(Bench bench) throws IOException, InterruptedException {
        List<Run> runs = new ArrayList<>();
        for (int repetition = 0; repetition < sizes.repetitions(); repetition++) {
            for (String transport : bench.order(repetition)) {
                Run run = measure(bench, transport, repetition);
                runs.add(run);
                Bench.progress(
                        String.format(
                                Locale.ROOT,
                                "throughput %d/%d %-12s down %.0f Mbit/s, up %.0f Mbit/s",
                                repetition + 1,
                                sizes.repetitions(),
                                transport,
                                run.downMbit(),
                                run.upMbit()));
            }
        }
        return finding(bench.transports(), runs);
    }

    private Run measure(Bench bench, String transport, int repetition)
            throws IOException, InterruptedException {
        return bench.over(
                transport,
                load ->
                        new Run(
                                transport,
                                repetition,
                                load.down(sizes.bulk()) * 8 / 1e6,
                                load.up(sizes.bulk()) * 8 / 1e6));
    }

    private Finding finding(List<String> transports, List<Run> runs) {
        List<List<String>> rows = new ArrayList<>();
        for (String transport : transports) {
            rows.add(
                    List.of(
                            transport,
                            mbit(runs, transport, Run::downMbit),
                            mbit(runs, transport, Run::upMbit),
                            toGrpc(runs, transport, Run::downMbit),
                            toGrpc(runs, transport, Run::upMbit)));
        }
        return new Finding(
                id(),
                "One connection without an emulated link, Mbit/s: the median of "
                        + sizes.repetitions()
                        + " interleaved runs of "
                        + sizes.bulk().toSeconds()
                        + " s after as long a warm-up (least-most); ratios are those of the pairs"
                        + " in one repetition.",
                new Finding.Table(
                        List.of("transport", "down", "up", "down to grpc's", "up to grpc's"), rows),
                goals(transports, runs),
                runs);
    }

    private static String mbit(List<Run> runs, String transport, ToDoubleFunction<Run> figure) {
        List<Run> its = runs.stream().filter(one -> one.transport().equals(transport)).toList();
        return Figures.text(Figures.over(its, figure), 0);
    }

    private static String toGrpc(List<Run> runs, String transport, ToDoubleFunction<Run> figure) {
        if (runs.stream().noneMatch(one -> one.transport().equals("grpc"))) {
            return "";
        }
        return Figures.text(ratio(runs, new Comparison(transport, List.of("grpc"), 0), figure), 2);
    }

    private static List<Finding.Goal> goals(List<String> transports, List<Run> runs) {
        List<Comparison> comparisons =
                List.of(
                        new Comparison("grpc", List.of("websocket", "port-forward"), GRPC_TO_PIPE),
                        new Comparison("quic", List.of("grpc"), QUIC_TO_GRPC));
        List<Finding.Goal> goals = new ArrayList<>();
        for (Comparison one : comparisons) {
            if (transports.contains(one.transport()) && transports.containsAll(one.others())) {
                goals.add(goal("down", runs, one, Run::downMbit));
                goals.add(goal("up", runs, one, Run::upMbit));
            }
        }
        return goals;
    }

    private static Finding.Goal goal(
            String way, List<Run> runs, Comparison comparison, ToDoubleFunction<Run> figure) {
        Spread ratio = ratio(runs, comparison, figure);
        return new Finding.Goal(
                String.format(
                        Locale.ROOT,
                        "%s %s is at least %.1f of %s",
                        comparison.transport(),
                        way,
                        comparison.least(),
                        String.join(" and of ", comparison.others())),
                ratio.median() >= comparison.least(),
                Figures.text(ratio, 2));
    }

    /** Pair by pair: of each repetition one. */
    private static Spread ratio(
            List<Run> runs, Comparison comparison, ToDoubleFunction<Run> figure) {
        return Figures.over(
                runs.stream()
                        .filter(one -> one.transport().equals(comparison.transport()))
                        .toList(),
                run ->
                        figure.applyAsDouble(run)
                                / runs.stream()
                                        .filter(one -> one.repetition() == run.repetition())
                                        .filter(
                                                one ->
                                                        comparison
                                                                .others()
                                                                .contains(one.transport()))
                                        .mapToDouble(figure)
                                        .max()
                                        .orElseThrow());
    }
}
