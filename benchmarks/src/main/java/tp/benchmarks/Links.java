package tp.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tp.testkit.laptop.Laptop;

/** Compares the transports of a built image, end to end, on links of its own. */
@Command(
        name = "benchmarks/links",
        sortOptions = false,
        description = "Compares the transports of the built image in a sandbox of its own.",
        footer = {
            "",
            "Tables go to the standard output, progress to the standard error, all figures into a"
                    + " JSON file.",
            "Exit codes: 0 every goal is met, 1 one is missed or something failed, 2 wrong usage."
        })
public final class Links implements Callable<Integer> {

    private static final int GOAL_MISSED = 1;

    @Parameters(
            arity = "0..*",
            paramLabel = "SCENARIO",
            description = "beside-bulk, throughput, stalls, lookups; all where none is named")
    private List<String> names = new ArrayList<>();

    @Option(names = "--quick", description = "fewer and shorter runs: a look, not a measurement")
    private boolean quick;

    @Option(
            names = "--transports",
            split = ",",
            defaultValue = "quic,grpc,websocket,port-forward",
            description = "which to compare (default: ${DEFAULT-VALUE})")
    private List<String> transports = new ArrayList<>();

    @Option(names = "--repetitions", description = "of each scenario; each has all transports")
    private @Nullable Integer repetitions;

    @Option(names = "--stall-runs", description = "downloads that are watched (default: 100)")
    private @Nullable Integer stallRuns;

    @Option(
            names = "--tcp",
            defaultValue = "reno",
            description =
                    "TCP's congestion control on the emulated link; host: what this host has"
                            + " (default: ${DEFAULT-VALUE}, which is what QUIC's amounts to there)")
    private String tcp = "";

    @Option(
            names = "--image",
            defaultValue = "dist/target/image",
            description = "the built image (default: ${DEFAULT-VALUE})")
    private Path image = Path.of("");

    @Option(
            names = "--json",
            defaultValue = "benchmarks/target/links.json",
            description = "where all figures go (default: ${DEFAULT-VALUE})")
    private Path json = Path.of("");

    @SuppressWarnings("UnusedVariable") // picocli prints the text when it is given
    @Option(names = "--help", usageHelp = true, description = "this text")
    private boolean help;

    private Links() {}

    public static void main(String[] args) {
        System.exit(
                new CommandLine(new Links())
                        .setExecutionExceptionHandler(Links::say)
                        .execute(args));
    }

    private static int say(Exception error, CommandLine command, CommandLine.ParseResult parsed) {
        System.err.println("links: " + error.getMessage());
        return GOAL_MISSED;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Scenario> scenarios = scenarios();
        if (tcp.equals("host")) {
            tcp = Machine.congestionControl();
        }
        if (!Files.isExecutable(image.resolve("bin/tp"))) {
            throw new IOException("there is no image in " + image + "; build it by ./tp version");
        }
        Machine machine = Machine.look(image);
        System.out.println(machine.line() + "\n");
        List<Finding> findings = new ArrayList<>();
        try (Laptop laptop = Laptop.start(image)) {
            Bench bench = new Bench(laptop, transports, tcp);
            bench.installManager();
            for (Scenario scenario : scenarios) {
                Finding finding = scenario.run(bench);
                findings.add(finding);
                System.out.println(Markdown.of(finding));
            }
        }
        Report report = new Report(machine.finished(), findings);
        report.write(json);
        System.out.println(report.machine().loadLine() + "; figures in " + json);
        return findings.stream().allMatch(Finding::met) ? 0 : GOAL_MISSED;
    }

    private List<Scenario> scenarios() {
        Sizes sizes = (quick ? Sizes.QUICK : Sizes.FULL).with(repetitions, stallRuns);
        List<Scenario> all =
                List.of(
                        new BesideBulk(sizes),
                        new Throughput(sizes),
                        new Stalls(sizes),
                        new Lookups(sizes));
        List<String> known = all.stream().map(Scenario::id).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new CommandLine.ParameterException(
                        new CommandLine(this),
                        "no such scenario: " + name + "; there are " + String.join(", ", known));
            }
        }
        return all.stream().filter(one -> names.isEmpty() || names.contains(one.id())).toList();
    }
}
