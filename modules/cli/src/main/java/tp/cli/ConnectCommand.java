package tp.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tp.control.ConnectSettings;
import tp.control.ControlClient;
import tp.control.Reply;
import tp.control.Request;
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

    private static final Pattern SYSTEM_ERROR = Pattern.compile("error: *\\d+ \\(([^)]+)\\)");

    @Option(names = "--context", paramLabel = "NAME", description = "The kubeconfig's context.")
    private @Nullable String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "The kubeconfig; else what KUBECONFIG names, else ~/.kube/config.")
    private @Nullable String kubeconfig;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description =
                    "Where names without a dot are looked for; else nowhere. See `tp intercept`.")
    private @Nullable String namespace;

    @Option(
            names = "--mapped-namespaces",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Nothing but these can be reached; else all that you may. HERE=THERE gives one"
                            + " another name on this machine, `all` takes back a list. A session"
                            + " that runs is changed.")
    private List<String> mappedNamespaces = List.of();

    @Option(
            names = "--service-account",
            paramLabel = "NAME",
            description = "Whose rights the session has, in tp-system; else tp-client's.")
    private @Nullable String serviceAccount;

    @Option(
            names = "--transport",
            paramLabel = "ID",
            description = "How to reach the manager; else the best. See `tp plugins`.")
    private @Nullable String transport;

    @Option(
            names = "--endpoint",
            paramLabel = "URI",
            description =
                    "Where the manager can be reached, such as quic://HOST:PORT or"
                            + " wss://HOST/tp; tried first. May be given several times.")
    private List<String> endpoints = List.of();

    @Option(
            names = "--dns",
            paramLabel = "ID",
            description = "How this machine is made to ask tp; else the best. See `tp plugins`.")
    private @Nullable String dns;

    @Option(
            names = "--also-proxy",
            split = ",",
            paramLabel = "RANGE|NAME",
            description =
                    "What else the cluster is the way to, such as 10.9.0.0/16 or .corp.example,"
                            + " where the manager permits it.")
    private List<String> alsoProxy = List.of();

    @Option(
            names = "--never-proxy",
            split = ",",
            paramLabel = "RANGE|NAME",
            description = "What stays this machine's; of both lists the most specific entry wins.")
    private List<String> neverProxy = List.of();

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
        PrintStream words = command.isEmpty() ? terminal.out() : terminal.err();
        Look look = command.isEmpty() ? terminal.outLook() : terminal.errLook();
        Reply.Connected session = connect(words, look);
        session.warnings().forEach(terminal::warn);
        words.println(
                look.paint(Look.Colour.GOOD, words(session.found()))
                        + " to context "
                        + session.context()
                        + session.namespace().map(name -> ", namespace " + name).orElse("")
                        + " ("
                        + session.server()
                        + ")");
        return command.isEmpty() ? Main.done() : run(session.found() == Reply.Found.NOTHING);
    }

    private static String words(Reply.Found found) {
        return switch (found) {
            case NOTHING -> "Connected";
            case THE_SAME -> "Already connected";
            case ANOTHER_MAPPING -> "Mapping changed, connected";
        };
    }

    private Reply.Connected connect(PrintStream words, Look look) {
        ConnectSettings settings = settings();
        try (Progress progress = Progress.on(words, look);
                ControlClient client =
                        daemon.running().orElseGet(() -> daemon.launch(progress::step))) {
            return (Reply.Connected) client.ask(new Request.Connect(settings), progress::show);
        }
    }

    private ConnectSettings settings() {
        return new ConnectSettings(
                given(kubeconfig)
                        .map(path -> Path.of(path).toAbsolutePath().toString())
                        .or(daemon::kubeconfig),
                given(context),
                given(namespace),
                stripped(mappedNamespaces),
                given(serviceAccount),
                given(transport),
                stripped(endpoints),
                given(dns),
                new ConnectSettings.Outside(stripped(alsoProxy), stripped(neverProxy)));
    }

    private static List<String> stripped(List<String> values) {
        return values.stream().map(String::strip).toList();
    }

    private static Optional<String> given(@Nullable String value) {
        return Optional.ofNullable(value);
    }

    private int run(boolean quitAfterwards) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            end(quitAfterwards);
            throw new TpException(
                    TpException.Category.USAGE,
                    "cannot run " + command.getFirst() + ": " + reason(e),
                    "give a program and its arguments after `--`",
                    e);
        }
        // A signal from the terminal reaches the command too, which decides what it means; only
        // where there is no terminal is it passed on. The session ends after the command.
        Thread onSignal =
                new Thread(
                        () -> {
                            if (!onTerminal()) {
                                process.destroy();
                            }
                            waitFor(process);
                            end(quitAfterwards);
                        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            // A signal came: the hook does what is left.
            onSignal.join();
            return code;
        }
        end(quitAfterwards);
        return code;
    }

    /** Java's message names the program again, then "error: 2 (No such file or directory)". */
    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage()).strip();
        Matcher told = SYSTEM_ERROR.matcher(message);
        return told.find() ? told.group(1) : message;
    }

    private static boolean onTerminal() {
        // Which of "none" and "not a terminal" a runtime says has changed between versions.
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private void end(boolean quit) {
        if (quit) {
            daemon.running().ifPresent(QuitCommand::quit);
        }
    }

    private static void waitFor(Process process) {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
