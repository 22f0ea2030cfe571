package tp.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.ConnectSettings;
import tp.control.Reply;
import tp.spi.common.TpException;

@Command(
        name = "connect",
        description = "Joins this machine to a cluster's network.",
        customSynopsis = "tp connect [OPTIONS] [-- COMMAND [ARGUMENTS]]",
        footer = {
            "",
            "With a COMMAND, tp connects, runs it, ends the session if this call began it,",
            "and passes on the command's exit code."
        })
final class ConnectCommand implements Callable<Integer> {

    @Mixin private ConnectOptions options = new ConnectOptions();

    @Option(
            names = "--dns",
            paramLabel = "ID",
            description = "How this machine is made to ask tp; else the best. See `tp plugins`.")
    private @Nullable String dns;

    @Option(
            names = "--rootless",
            description =
                    "Joins COMMAND alone, in a network of its own, and nothing of this machine:"
                            + " needs no root. Nothing else is reached from there.")
    private boolean rootless;

    private final Daemon daemon;
    private final Terminal terminal;
    private final List<String> command;

    ConnectCommand(Daemon daemon, Terminal terminal, List<String> command) {
        this.daemon = daemon;
        this.terminal = terminal;
        this.command = command;
    }

    @Override
    public Integer call() throws InterruptedException {
        // The command's own output is what the caller reads, so ours steps aside.
        Joining joining = new Joining(daemon, terminal, !command.isEmpty());
        ConnectSettings settings = options.settings(daemon, Optional.ofNullable(dns));
        if (rootless) {
            return alone(joining, settings);
        }
        Reply.Connected session =
                joining.join(
                        settings, step -> daemon.running().orElseGet(() -> daemon.launch(step)));
        return command.isEmpty() ? Main.done() : run(session.found() == Reply.Found.NOTHING);
    }

    private int alone(Joining joining, ConnectSettings settings) throws InterruptedException {
        if (command.isEmpty()) {
            throw TpException.usage(
                    "--rootless is for one program, and none is given",
                    "give it and its arguments after `--`, such as `-- bash`");
        }
        if (dns != null) {
            throw TpException.usage(
                    "--dns is about this machine's resolver, which --rootless leaves alone",
                    "leave out one of them");
        }
        return joining.alone(settings, command);
    }

    private int run(boolean quitAfterwards) throws InterruptedException {
        return new SessionProgram(command, Map.of(), () -> end(quitAfterwards)).run();
    }

    private void end(boolean quit) {
        if (quit) {
            daemon.running().ifPresent(QuitCommand::quit);
        }
    }
}
