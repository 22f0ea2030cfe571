package tp.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tp.control.ControlClient;
import tp.control.Request;
import tp.spi.common.TpException;

@Command(name = "quit", description = "Ends the session and leaves this machine as it was.")
final class QuitCommand implements Callable<Integer> {

    @Option(
            names = {"-s", "--stop-daemons"},
            description =
                    "Stop the daemons too. They live as long as a session does, so that quit without"
                            + " it stops them as well; scripts written for other tools may pass it.")
    @SuppressWarnings("UnusedVariable") // it changes nothing, and says so
    private boolean stopDaemons;

    @Option(
            names = "--repair",
            description =
                    "Put back whatever sessions that were killed have left; without it only where a"
                            + " resolver of theirs is seen.")
    private boolean repair;

    private final Daemon daemon;
    private final Terminal terminal;

    QuitCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Optional<ControlClient> running = daemon.running();
        if (running.isEmpty()) {
            terminal.out().println("Not connected");
            repair(repair);
            return Main.done();
        }
        terminal.out().print("tp daemon quitting...");
        terminal.out().flush();
        try {
            quit(running.get());
            terminal.out().println("done");
            if (repair) {
                repair(true);
            }
        } catch (TpException e) {
            if (daemon.running().isPresent()) {
                throw e;
            }
            terminal.out().println("it had been killed"); // and took the question with it
            repair(repair);
        }
        return Main.done();
    }

    private void repair(boolean wanted) {
        if (wanted || Daemon.leftover()) {
            terminal.out().println("Repairing what a session that was killed has left");
            daemon.repair(terminal.out()::println);
        }
    }

    /** Returns when the daemon is gone and the host is as it was. */
    static void quit(ControlClient client) {
        try (client) {
            client.ask(new Request.Quit(), line -> {});
            client.awaitEnd();
        }
    }
}
