package tp.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tp.control.Request;

@Command(name = "leave", description = "Ends an intercept.")
final class LeaveCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "The name of the intercept; see `tp list`.")
    private String name = "";

    private final Daemon daemon;
    private final Terminal terminal;

    LeaveCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        daemon.session(new Request.Leave(name));
        terminal.out().println("Left " + name);
        return Main.done();
    }
}
