package tp.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;
import tp.control.ControlServer;
import tp.control.FlowEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.RuntimeDirectory;
import tp.control.StatusReport;

/** What a user types and sees, beside a daemon that answers as it is told. */
final class Invocation {

    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Request> asked = new ArrayList<>();
    private OutputStream place = out;
    private boolean reader;
    private Look look = Look.PLAIN;

    Invocation(Path folder) {
        environment.put("XDG_RUNTIME_DIR", folder.toString());
        environment.put("XDG_STATE_HOME", folder.toString());
    }

    Invocation with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Invocation on(Look terminal) {
        look = terminal;
        return this;
    }

    /** Where nothing can be printed to. */
    Invocation without(String reason, boolean hasReader) {
        reader = hasReader;
        place =
                new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException(reason);
                    }
                };
        return this;
    }

    /** {@return the exit code} */
    int tp(String... args) {
        return Main.run(args, environment, terminal());
    }

    /** {@return the exit code of {@code tp flows --watch}, which waits in that way} */
    int watch(FlowsCommand.Pause pause) {
        Daemon daemon = new Daemon(environment);
        return new CommandLine(new FlowsCommand(daemon, terminal(), pause)).execute("--watch");
    }

    private Terminal terminal() {
        return new Terminal(
                StandardOutput.of(place, StandardCharsets.UTF_8, () -> reader),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                look,
                look);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** {@return what was asked of the daemon} */
    List<Request> asked() {
        return asked;
    }

    ControlServer daemon(Reply... replies) throws IOException {
        return ControlServer.start(
                RuntimeDirectory.of(environment),
                (request, sink) -> {
                    asked.add(request);
                    List.of(replies).forEach(sink);
                });
    }

    /** One that ends when it is asked, and so says nothing. */
    ControlServer daemonThatEnds() throws IOException {
        AtomicReference<ControlServer> own = new AtomicReference<>();
        own.set(
                ControlServer.start(
                        RuntimeDirectory.of(environment), (request, sink) -> own.get().close()));
        return own.get();
    }

    static FlowEntry flow(String protocol, long ageMs, long sent) {
        return new FlowEntry(
                protocol,
                FlowEntry.State.WAITING,
                "10.0.0.1:2",
                "10.96.0.1:80",
                "web",
                ageMs,
                sent,
                3L << 30,
                7);
    }

    static StatusReport report() {
        return new StatusReport(
                new StatusReport.DaemonState(true, OptionalLong.of(11), "0.1"),
                new StatusReport.DaemonState(true, OptionalLong.of(12), "0.1"),
                StatusReport.SessionState.CONNECTED,
                new StatusReport.Cluster(
                        "https://s",
                        "c",
                        "default",
                        List.of("default", "pay"),
                        List.of(new StatusReport.Alias("pay", "pay-2"))),
                new StatusReport.Dns(
                        "resolv.conf",
                        "100.127.1.2",
                        List.of("cluster.local"),
                        List.of("pay.svc.cluster.local"),
                        "",
                        List.of(
                                new StatusReport.Strategy(
                                        "systemd-resolved", "failed", "it does not ask tp"),
                                new StatusReport.Strategy("resolv.conf", "in use", ""))),
                new StatusReport.Routes(
                        "tp01234567",
                        List.of("10.96.0.0/16"),
                        List.of(new StatusReport.Skipped("10.0.0.0/24", "a route of this host")),
                        new StatusReport.Virtual(List.of("198.18.0.0/16"), 4, 0)),
                new StatusReport.Link(
                        "port-forward",
                        OptionalLong.of(1_500_000),
                        "01234567",
                        "0.1",
                        0,
                        Optional.empty(),
                        List.of(
                                new StatusReport.Transport("quic", "failed", "no answer"),
                                new StatusReport.Transport("port-forward", "in use", "it works")),
                        "no socket",
                        Optional.empty()),
                new StatusReport.Traffic(
                        3,
                        2,
                        1,
                        40,
                        new StatusReport.Carried(50, 60, 7),
                        new StatusReport.LostLinks(1, 8, 9, 10)),
                List.of(new StatusReport.Intercept("web", "pay")));
    }
}
