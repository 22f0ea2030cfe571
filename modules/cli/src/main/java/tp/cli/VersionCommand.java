package tp.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tp.control.Build;
import tp.control.StatusReport;

@Command(name = "version", description = "Shows the version of every part, and where the log is.")
final class VersionCommand implements Callable<Integer> {

    @Mixin private Output output = new Output();

    private final Daemon daemon;
    private final Terminal terminal;

    VersionCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatusReport report = StatusCommand.report(daemon);
        terminal.out().print(output.render(() -> text(report), () -> document(report)));
        return Main.done();
    }

    private String text(StatusReport report) {
        String manager = report.link().managerVersion();
        return line("tp", Build.version())
                + line("Root daemon", version(report.rootDaemon()))
                + line("User daemon", version(report.userDaemon()))
                + line("Manager", manager.isEmpty() ? "not connected" : manager)
                + line("Log", daemon.state().log().toString());
    }

    private Document document(StatusReport report) {
        return new Document()
                .put("client", new Document().put("version", Build.version()))
                .put("root_daemon", StatusDocument.daemon(report.rootDaemon()))
                .put("user_daemon", StatusDocument.daemon(report.userDaemon()))
                .put("manager", StatusDocument.manager(report))
                .put("log", daemon.state().log().toString());
    }

    private static String line(String name, String value) {
        return String.format(Locale.ROOT, "%-11s: %s%n", name, value);
    }

    private static String version(StatusReport.DaemonState daemon) {
        return daemon.running() ? daemon.version() : "not running";
    }
}
