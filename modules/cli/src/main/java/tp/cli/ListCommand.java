package tp.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tp.control.StatusReport;

@Command(name = "list", description = "Lists the intercepts.")
final class ListCommand implements Callable<Integer> {

    @Mixin private Output output = new Output();

    private final Daemon daemon;
    private final Terminal terminal;

    ListCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatusReport report = StatusCommand.report(daemon);
        terminal.out()
                .print(
                        output.render(
                                () -> table(report),
                                () -> new Document().put("intercepts", documents(report))));
        return Main.done();
    }

    private static String table(StatusReport report) {
        if (report.state() == StatusReport.SessionState.NOT_CONNECTED) {
            return "Not connected\n";
        }
        if (report.intercepts().isEmpty()) {
            return "No intercepts\n";
        }
        StringBuilder text = new StringBuilder(row("NAME", "NAMESPACE"));
        report.intercepts().forEach(one -> text.append(row(one.name(), one.namespace())));
        return text.toString();
    }

    private static String row(String name, String namespace) {
        return String.format(Locale.ROOT, "%-30s %s%n", name, namespace);
    }

    static List<Document> documents(StatusReport report) {
        return report.intercepts().stream()
                .map(
                        one ->
                                new Document()
                                        .put("name", one.name())
                                        .put("namespace", one.namespace()))
                .toList();
    }
}
