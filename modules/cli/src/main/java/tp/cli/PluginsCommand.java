package tp.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tp.control.PluginEntry;

@Command(
        name = "plugins",
        description =
                "Lists every transport, DNS strategy and namespace mapping that is installed.",
        footer = {
            "",
            "A plug-in is a jar in the installation's `plugins` folder, or in that of $TP_PLUGINS."
        })
final class PluginsCommand implements Callable<Integer> {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    @Mixin private Output output = new Output();

    private final Daemon daemon;
    private final Terminal terminal;

    PluginsCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<PluginEntry> plugins = plugins();
        terminal.out().print(output.render(() -> table(plugins), () -> document(plugins)));
        return Main.done();
    }

    private List<PluginEntry> plugins() {
        try (Progress progress = Progress.on(terminal.err(), terminal.errLook())) {
            progress.pass("Asking every plug-in ...");
            return daemon.plugins(PATIENCE);
        }
    }

    private String table(List<PluginEntry> plugins) {
        StringBuilder text = new StringBuilder();
        row(text, new PluginEntry("POINT", "ID", "MODULE", "VERSION", "VERDICT", "REASON"));
        plugins.forEach(plugin -> row(text, plugin));
        return text.toString();
    }

    private void row(StringBuilder text, PluginEntry plugin) {
        String verdict = String.format(Locale.ROOT, "%-10s", plugin.verdict());
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-10s %-18s %s %-28s %-16s %s%n",
                        plugin.point(),
                        plugin.id(),
                        painted(plugin.verdict(), verdict),
                        plugin.module(),
                        plugin.version(),
                        plugin.reason()));
    }

    private String painted(String verdict, String text) {
        Look look = terminal.outLook();
        return switch (verdict) {
            case "usable", "in use" -> look.paint(Look.Colour.GOOD, text);
            case "unusable" -> look.paint(Look.Colour.FAINT, text);
            case "failed" -> look.paint(Look.Colour.CARE, text);
            case "broken" -> look.paint(Look.Colour.BAD, text);
            default -> text;
        };
    }

    static Document document(List<PluginEntry> plugins) {
        return new Document().put("plugins", plugins.stream().map(PluginsCommand::of).toList());
    }

    private static Document of(PluginEntry plugin) {
        return new Document()
                .put("point", plugin.point())
                .put("id", plugin.id())
                .put("verdict", plugin.verdict())
                .put("module", plugin.module())
                .put("version", plugin.version())
                .put("reason", plugin.reason());
    }
}
