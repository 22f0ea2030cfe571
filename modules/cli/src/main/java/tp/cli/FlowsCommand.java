package tp.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.ControlClient;
import tp.control.FlowEntry;

@Command(
        name = "flows",
        description = "Shows what goes through the tunnel at this moment, the oldest first.",
        footer = {
            "",
            "A flow that is waiting has lost its link; it goes on over the next one.",
            "KEPT is what the application has sent and the cluster has not acknowledged."
        })
final class FlowsCommand implements Callable<Integer> {

    /** Waits between two tables. */
    @FunctionalInterface
    interface Pause {

        /** {@return whether to go on} */
        boolean next();
    }

    private static final Duration EVERY = Duration.ofSeconds(1);

    /** ECMA-48: CUP to the upper left, and ED of what is there. */
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private static final List<String> HEADER =
            List.of("PROTOCOL", "STATE", "FROM", "TO", "SENT", "RECEIVED", "KEPT", "AGE");

    @Mixin private Output output = new Output();

    @Option(
            names = {"-w", "--watch"},
            description = "Show it again every second, until Ctrl-C.")
    private boolean watch;

    private final Daemon daemon;
    private final Terminal terminal;
    private final Pause pause;

    FlowsCommand(Daemon daemon, Terminal terminal) {
        this(daemon, terminal, FlowsCommand::sleep);
    }

    FlowsCommand(Daemon daemon, Terminal terminal, Pause pause) {
        this.daemon = daemon;
        this.terminal = terminal;
        this.pause = pause;
    }

    private static boolean sleep() {
        try {
            Thread.sleep(EVERY);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public Integer call() {
        do {
            Optional<List<FlowEntry>> flows = daemon.asked(ControlClient::flows);
            String page =
                    output.render(
                            () -> page(flows.map(FlowsCommand::text).orElse("Not connected\n")),
                            () -> document(flows.orElse(List.of())));
            terminal.out().print(page);
            // Nobody reads any more after an error: `tp flows -w | head` is to end.
        } while (watch && !terminal.out().checkError() && pause.next());
        return Main.done();
    }

    private String page(String text) {
        if (!watch) {
            return text;
        }
        return terminal.outLook() == Look.COLOURED ? CLEAR + text : text + "\n";
    }

    private static String text(List<FlowEntry> flows) {
        return flows.isEmpty() ? "No flows\n" : table(flows);
    }

    private static String table(List<FlowEntry> flows) {
        List<List<String>> rows = new ArrayList<>(List.of(HEADER));
        flows.forEach(flow -> rows.add(row(flow)));
        int[] widths = new int[HEADER.size()];
        rows.forEach(
                row -> {
                    for (int i = 0; i < widths.length; i++) {
                        widths[i] = Math.max(widths[i], row.get(i).length());
                    }
                });
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(String.format(Locale.ROOT, "%-" + widths[i] + "s  ", row.get(i)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static List<String> row(FlowEntry flow) {
        return List.of(
                flow.protocol(),
                state(flow),
                flow.source(),
                flow.name().isEmpty()
                        ? flow.destination()
                        : flow.name() + " (" + flow.destination() + ")",
                bytes(flow.sent()),
                bytes(flow.received()),
                bytes(flow.retained()),
                age(flow.ageMs()));
    }

    private static String state(FlowEntry flow) {
        return flow.state().name().toLowerCase(Locale.ROOT);
    }

    /** {@return the number with a unit of IEC 80000-13} */
    private static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        double size = count;
        int unit = -1;
        while (size >= 1024 && unit < 4) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", size, "KMGTP".charAt(unit));
    }

    private static String age(long ms) {
        Duration age = Duration.ofMillis(ms);
        if (age.toHours() > 0) {
            return age.toHours() + "h" + age.toMinutesPart() + "m";
        }
        return age.toMinutes() > 0
                ? age.toMinutes() + "m" + age.toSecondsPart() + "s"
                : String.format(Locale.ROOT, "%.1fs", ms / 1e3);
    }

    private static Document document(List<FlowEntry> flows) {
        return new Document().put("flows", flows.stream().map(FlowsCommand::document).toList());
    }

    private static Document document(FlowEntry flow) {
        return new Document()
                .put("protocol", flow.protocol())
                .put("state", state(flow))
                .put("source", flow.source())
                .put("destination", flow.destination())
                .put("name", flow.name())
                .put("age_ms", flow.ageMs())
                .put("sent_bytes", flow.sent())
                .put("received_bytes", flow.received())
                .put("retained_bytes", flow.retained());
    }
}
