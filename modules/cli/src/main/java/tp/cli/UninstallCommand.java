package tp.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.Reply;
import tp.control.Task;

@Command(
        name = "uninstall",
        description = "Removes the manager from a cluster, and all that an install brought.",
        footer = {"", "What others have put beside it stays, and the namespace with it."})
final class UninstallCommand implements Callable<Integer> {

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--namespaces",
            split = ",",
            paramLabel = "NAME",
            description = "What the one to remove was installed for; else the one that is found.")
    private List<String> namespaces = List.of();

    private final Daemon daemon;
    private final Terminal terminal;

    UninstallCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Task task =
                new Task.Uninstall(
                        cluster.chosen(daemon), namespaces.stream().map(String::strip).toList());
        Reply.Uninstalled done;
        try (Progress progress = Progress.on(terminal.out(), terminal.outLook())) {
            done = (Reply.Uninstalled) daemon.errand(task, progress::show);
        }
        done.kept().forEach(one -> terminal.warn("kept " + one));
        int count = done.removed().size();
        String words =
                count == 0
                        ? "Nothing to remove"
                        : "Removed " + count + (count == 1 ? " object" : " objects");
        terminal.out()
                .printf(
                        "%s in context %s (%s)%n",
                        terminal.outLook().paint(Look.Colour.GOOD, words),
                        done.context(),
                        done.server());
        return Main.done();
    }
}
