package tp.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tp.control.Build;
import tp.control.StatusReport;

@Command(name = "version", description = "Shows the version of every part, and where the log is.")
final class VersionCommand implements Callable<Integer> {

    private final Daemon daemon;
    private final Terminal terminal;

    VersionCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatusReport report = StatusCommand.report(daemon);
        line("tp", Build.version());
        line("Root daemon", version(report.rootDaemon()));
        line("User daemon", version(report.userDaemon()));
        String manager = report.link().managerVersion();
        line("Manager", manager.isEmpty() ? "not connected" : manager);
        line("Log", daemon.state().log().toString());
        return Main.done();
    }

    private void line(String name, String value) {
        terminal.out().printf("%-11s: %s%n", name, value);
    }

    private static String version(StatusReport.DaemonState daemon) {
        return daemon.running() ? daemon.version() : "not running";
    }
}
