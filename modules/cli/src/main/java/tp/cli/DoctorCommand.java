package tp.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.ConnectSettings;
import tp.control.ControlClient;
import tp.control.Finding;
import tp.control.Finding.Verdict;
import tp.control.Reply;
import tp.control.Request;

@Command(
        name = "doctor",
        description = "Tries what tp needs, by doing it, and says what to do where it fails.",
        footer = {
            "",
            "Nothing that it does stays. A session that runs goes on, and is not disturbed.",
            "Exit codes: 0 nothing fails, 1 something does."
        })
final class DoctorCommand implements Callable<Integer> {

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Mixin private AccountOptions account = new AccountOptions();

    @Option(
            names = "--endpoint",
            paramLabel = "URI",
            description = "Where the manager can be reached. May be given several times.")
    private List<String> endpoints = List.of();

    @Mixin private Output output = new Output();

    private final Daemon daemon;
    private final Terminal terminal;

    DoctorCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<Finding> findings = findings();
        terminal.out().print(output.render(() -> table(findings), () -> document(findings)));
        return failures(findings) == 0 ? Main.done() : Main.failed();
    }

    private static long failures(List<Finding> findings) {
        return findings.stream().filter(one -> one.verdict() == Verdict.FAILS).count();
    }

    private List<Finding> findings() {
        Optional<ControlClient> running = daemon.running();
        try (Progress progress = Progress.on(terminal.err(), terminal.errLook());
                ControlClient client = running.orElseGet(() -> daemon.launch(progress::pass))) {
            Reply reply =
                    client.ask(
                            new Request.Examine(settings()),
                            step -> {
                                if (step.asking()) {
                                    progress.show(step);
                                } else {
                                    progress.pass(step.line());
                                }
                            });
            if (running.isEmpty()) {
                client.awaitEnd();
            }
            return ((Reply.Examined) reply).findings();
        }
    }

    private ConnectSettings settings() {
        return new ConnectSettings(
                cluster.kubeconfig(daemon),
                cluster.context(),
                Optional.empty(),
                List.of(),
                account.chosen(),
                Optional.empty(),
                endpoints.stream().map(String::strip).toList(),
                Optional.empty(),
                false,
                ConnectSettings.Outside.NONE);
    }

    private String table(List<Finding> findings) {
        int width = findings.stream().mapToInt(one -> one.name().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (Finding one : findings) {
            String verdict = String.format(Locale.ROOT, "%-8s", word(one.verdict()));
            String name = String.format(Locale.ROOT, "%-" + width + "s", one.name());
            text.append(painted(one.verdict(), verdict))
                    .append(name)
                    .append("  ")
                    .append(one.what())
                    .append(one.nextStep().isEmpty() ? "" : "; " + one.nextStep())
                    .append('\n');
        }
        return text.append(summary(findings)).append('\n').toString();
    }

    private static String summary(List<Finding> findings) {
        long failures = failures(findings);
        return failures == 0
                ? "Nothing stands in the way of tp"
                : failures + " of " + findings.size() + " things that tp needs do not work";
    }

    private static String word(Verdict verdict) {
        return switch (verdict) {
            case WORKS -> "works";
            case SKIPPED -> "skipped";
            case CARE -> "care";
            case FAILS -> "FAILS";
        };
    }

    private String painted(Verdict verdict, String text) {
        Look look = terminal.outLook();
        return switch (verdict) {
            case WORKS -> look.paint(Look.Colour.GOOD, text);
            case SKIPPED -> look.paint(Look.Colour.FAINT, text);
            case CARE -> look.paint(Look.Colour.CARE, text);
            case FAILS -> look.paint(Look.Colour.BAD, text);
        };
    }

    private static Document document(List<Finding> findings) {
        return new Document()
                .put("healthy", failures(findings) == 0)
                .put("findings", findings.stream().map(DoctorCommand::of).toList());
    }

    private static Document of(Finding finding) {
        return new Document()
                .put("name", finding.name())
                .put("verdict", word(finding.verdict()).toLowerCase(Locale.ROOT))
                .put("what", finding.what())
                .put("next_step", finding.nextStep());
    }
}
