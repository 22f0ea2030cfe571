package tp.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "shell",
        description = "Starts a shell that is joined to a cluster's network, and nothing else is.",
        customSynopsis = "tp shell [OPTIONS]",
        footer = {
            "",
            "The same as `tp connect --rootless -- $SHELL`: needs no root, and ends with the shell."
        })
final class ShellCommand implements Callable<Integer> {

    @Mixin private ConnectOptions options = new ConnectOptions();

    private final Daemon daemon;
    private final Terminal terminal;

    ShellCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        String shell =
                Optional.ofNullable(daemon.environment().get("SHELL"))
                        .filter(name -> !name.isEmpty())
                        .orElse("/bin/sh");
        return new Joining(daemon, terminal, true)
                .alone(options.settings(daemon, Optional.empty()), List.of(shell));
    }
}
