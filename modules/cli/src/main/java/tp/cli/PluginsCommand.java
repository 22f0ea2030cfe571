package tp.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tp.control.ControlClient;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;

@Command(
        name = "plugins",
        description =
                "Lists every transport, DNS strategy and namespace mapping that is installed.",
        footer = {
            "",
            "A plug-in is a jar in the installation's `plugins` folder, or in that of $TP_PLUGINS."
        })
final class PluginsCommand implements Callable<Integer> {

    private final Daemon daemon;
    private final Terminal terminal;

    PluginsCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        String row = "%-10s %-18s %-10s %-28s %-16s %s%n";
        terminal.out().printf(row, "POINT", "ID", "VERDICT", "MODULE", "VERSION", "REASON");
        for (PluginEntry plugin : plugins()) {
            terminal.out()
                    .printf(
                            row,
                            plugin.point(),
                            plugin.id(),
                            plugin.verdict(),
                            plugin.module(),
                            plugin.version(),
                            plugin.reason());
        }
        return Main.done();
    }

    private List<PluginEntry> plugins() {
        Optional<ControlClient> running = daemon.running();
        if (running.isPresent()) {
            try (ControlClient client = running.get()) {
                return ((Reply.Plugins) client.ask(new Request.Plugins(), line -> {})).plugins();
            }
        }
        return daemon.pluginsWithoutSession();
    }
}
