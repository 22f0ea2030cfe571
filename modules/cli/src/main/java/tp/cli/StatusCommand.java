package tp.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tp.control.ControlClient;
import tp.control.Reply;
import tp.control.Request;
import tp.control.StatusReport;

@Command(name = "status", description = "Shows the daemons and the session.")
final class StatusCommand implements Callable<Integer> {

    /** The names of the output's forms, as they are typed. */
    enum Form {
        text,
        json
    }

    @Option(
            names = "--output",
            paramLabel = "FORM",
            description = "${COMPLETION-CANDIDATES}; the fields are described in docs/status.md.")
    private Form output = Form.text;

    private final Daemon daemon;
    private final Terminal terminal;

    StatusCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatusReport report = report(daemon);
        switch (output) {
            case text -> terminal.out().print(StatusText.render(report));
            case json -> terminal.out().println(StatusJson.render(report));
        }
        if (!report.userDaemon().running() && Daemon.leftover()) {
            terminal.err()
                    .println(
                            "tp: a session that was killed has left this machine's resolver changed;"
                                    + " run `tp quit`");
        }
        return Main.done();
    }

    static StatusReport report(Daemon daemon) {
        Optional<ControlClient> running = daemon.running();
        if (running.isEmpty()) {
            return StatusReport.notRunning();
        }
        try (ControlClient client = running.get()) {
            return ((Reply.Status) client.ask(new Request.Status(), line -> {})).report();
        }
    }
}
