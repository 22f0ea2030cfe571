package tp.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import tp.control.ConnectSettings;
import tp.control.ControlClient;
import tp.control.Reply;
import tp.control.Request;

/** Begins a session, and tells how that goes. */
final class Joining {

    private final Daemon daemon;
    private final Terminal terminal;
    private final PrintStream words;
    private final Look look;

    /**
     * @param aside whether standard output is another program's
     */
    Joining(Daemon daemon, Terminal terminal, boolean aside) {
        this.daemon = daemon;
        this.terminal = terminal;
        words = aside ? terminal.err() : terminal.out();
        look = aside ? terminal.errLook() : terminal.outLook();
    }

    /**
     * @param reach finds the daemon that is to hold the session, or starts it; takes what takes its
     *     progress
     */
    Reply.Connected join(
            ConnectSettings settings, Function<Consumer<String>, ControlClient> reach) {
        Reply.Connected session;
        try (Progress progress = Progress.on(words, look);
                ControlClient client = reach.apply(progress::step)) {
            session = (Reply.Connected) client.ask(new Request.Connect(settings), progress::show);
        }
        tell(session);
        return session;
    }

    /**
     * Runs a program with a session and a network of its own, both as long as it runs.
     *
     * @return its exit code
     */
    int alone(ConnectSettings settings, List<String> command) throws InterruptedException {
        new OwnNamespaces(daemon.environment()).require(command.getFirst());
        try (DaemonOfOne own = daemon.ofOne()) {
            long inside = join(settings, own::launch).inside().orElseThrow();
            return new SessionProgram(
                            OwnNamespaces.entering(inside, command), own.environment(), own::close)
                    .run();
        }
    }

    private void tell(Reply.Connected session) {
        session.warnings().forEach(terminal::warn);
        words.println(
                look.paint(Look.Colour.GOOD, words(session.found()))
                        + " to context "
                        + session.context()
                        + session.namespace().map(name -> ", namespace " + name).orElse("")
                        + " ("
                        + session.server()
                        + ")");
    }

    private static String words(Reply.Found found) {
        return switch (found) {
            case NOTHING -> "Connected";
            case THE_SAME -> "Already connected";
            case ANOTHER_MAPPING -> "Mapping changed, connected";
            case ANOTHER_TRANSPORT -> "Transport changed, connected";
            case ANOTHER_MAPPING_AND_TRANSPORT -> "Mapping and transport changed, connected";
        };
    }
}
