package tp.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tp.control.Reply;
import tp.control.Request;
import tp.control.StatusReport;

@Command(name = "status", description = "Shows the daemons and the session.")
final class StatusCommand implements Callable<Integer> {

    @Mixin private Output output = new Output();

    private final Daemon daemon;
    private final Terminal terminal;

    StatusCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatusReport report = report(daemon);
        terminal.out()
                .print(
                        output.render(
                                () -> StatusText.render(report, terminal.outLook()),
                                () -> StatusDocument.of(report)));
        if (!report.userDaemon().running() && Daemon.leftover()) {
            terminal.fail(
                    "a session that was killed has left this machine's resolver changed;"
                            + " run `tp quit`");
        }
        return Main.done();
    }

    static StatusReport report(Daemon daemon) {
        return daemon.asked(
                        client ->
                                ((Reply.Status) client.ask(new Request.Status(), line -> {}))
                                        .report())
                .orElseGet(StatusReport::notRunning);
    }
}
