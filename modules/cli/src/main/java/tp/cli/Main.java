package tp.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import tp.control.Build;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

/** {@code tp}: exit code 0 done, 1 failed, 2 wrong usage; one line on stderr for a failure. */
@Command(
        name = "tp",
        description = "Gives this machine the network view of a pod.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "`tp sandbox --help` is about the cluster that tp brings along.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
public final class Main implements Runnable {

    /** In the order of the help. */
    private static final List<String> NAMES =
            List.of(
                    "connect",
                    "shell",
                    "status",
                    "flows",
                    "quit",
                    "intercept",
                    "leave",
                    "list",
                    "plugins",
                    "doctor",
                    "gather-logs",
                    "install",
                    "uninstall",
                    "version",
                    "demo",
                    "completion");

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    /** A command that no help names, since shells alone call it. */
    private static final String COMPLETE = "__complete";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where a failure comes from.")
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show what a command does.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version of this tp.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args, System.getenv(), Terminal.of(System.getenv())));
    }

    /** {@return the exit code} */
    static int run(String[] args, Map<String, String> environment, Terminal terminal) {
        int code = execute(args, environment, terminal);
        Optional<IOException> lost = terminal.out().failure();
        if (lost.isEmpty()) {
            return code;
        }
        terminal.fail("cannot print: " + IoReason.of(lost.get()) + "; send the output elsewhere");
        return code == DONE ? FAILED : code;
    }

    private static int execute(String[] args, Map<String, String> environment, Terminal terminal) {
        if (args.length > 1 && args[0].equals(COMPLETE) && args[1].equals("--")) {
            return complete(List.of(args).subList(2, args.length), environment, terminal);
        }
        // What follows a bare `--` is a command of its own: its options are none of ours.
        int end = Arrays.asList(args).indexOf("--");
        String[] own = end < 0 ? args : Arrays.copyOf(args, end);
        List<String> command = end < 0 ? List.of() : List.of(args).subList(end + 1, args.length);

        Main main = new Main();
        CommandLine line = commands(main, List.of(own), command, environment, terminal);
        line.setOut(new PrintWriter(terminal.out(), true, terminal.out().charset()));
        line.setColorScheme(colours(terminal.outLook()));
        line.getCommandSpec().version("tp " + Build.version());
        line.setParameterExceptionHandler((failure, given) -> wrongUsage(failure, terminal));
        line.setExecutionExceptionHandler((e, failing, result) -> main.failed(e, terminal));
        boolean runs = own.length > 0 && own[0].equals("connect");
        if (end >= 0 && (!runs || command.isEmpty())) {
            terminal.fail("`--` introduces a command to run; see `tp connect --help`");
            return WRONG_USAGE;
        }
        try {
            return line.execute(own);
        } catch (Error e) {
            // Only exceptions reach the handler above.
            return main.failed(e, terminal);
        }
    }

    /**
     * picocli reads the annotations of each command that it is given, which takes longer than most
     * commands run: it is given the one that the first word names, and all where there is no such.
     */
    private static CommandLine commands(
            Main main,
            List<String> words,
            List<String> command,
            Map<String, String> environment,
            Terminal terminal) {
        boolean named = !words.isEmpty() && NAMES.contains(words.getFirst());
        CommandLine line = new CommandLine(main);
        for (String name : named ? words.subList(0, 1) : NAMES) {
            line.addSubcommand(name, command(name, command, environment, terminal));
        }
        return line;
    }

    private static Object command(
            String name, List<String> command, Map<String, String> environment, Terminal terminal) {
        Daemon daemon = new Daemon(environment);
        return switch (name) {
            case "connect" -> new ConnectCommand(daemon, terminal, command);
            case "shell" -> new ShellCommand(daemon, terminal);
            case "status" -> new StatusCommand(daemon, terminal);
            case "flows" -> new FlowsCommand(daemon, terminal);
            case "quit" -> new QuitCommand(daemon, terminal);
            case "intercept" -> new InterceptCommand(daemon, terminal);
            case "leave" -> new LeaveCommand(daemon, terminal);
            case "list" -> new ListCommand(daemon, terminal);
            case "plugins" -> new PluginsCommand(daemon, terminal);
            case "doctor" -> new DoctorCommand(daemon, terminal);
            case "gather-logs" -> new GatherLogsCommand(environment, daemon, terminal);
            case "install" -> new InstallCommand(daemon, terminal);
            case "uninstall" -> new UninstallCommand(daemon, terminal);
            case "version" -> new VersionCommand(daemon, terminal);
            case "demo" -> new DemoCommand(environment, daemon, terminal);
            case "completion" -> new CompletionCommand(terminal);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** For the shells' scripts: prints what may follow the words. */
    private static int complete(
            List<String> words, Map<String, String> environment, Terminal terminal) {
        CommandLine line = commands(new Main(), List.of(), List.of(), environment, terminal);
        line.addSubcommand("sandbox", Sandbox.spec());
        Completion.Sources sources = new LiveSources(environment, new Daemon(environment));
        Completion.Next next = Completion.after(words, line.getCommandSpec(), sources);
        terminal.out().print(Completion.told(next));
        return DONE;
    }

    /** The library's own test for a terminal knows neither the stream nor TERM. */
    private static CommandLine.Help.ColorScheme colours(Look look) {
        return CommandLine.Help.defaultColorScheme(
                look == Look.COLOURED ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF);
    }

    /** Without a command. */
    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "no command is given");
        }
    }

    private static int wrongUsage(CommandLine.ParameterException failure, Terminal terminal) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        String what = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        terminal.fail(what + "; see `" + command + " --help`");
        return WRONG_USAGE;
    }

    private int failed(Throwable failure, Terminal terminal) {
        if (debug) {
            failure.printStackTrace(terminal.err());
        }
        if (failure instanceof TpException known) {
            terminal.fail(known.line());
            return known.category() == TpException.Category.USAGE ? WRONG_USAGE : FAILED;
        }
        terminal.fail(
                "this is a bug in tp (" + failure + "); run it again with --debug and report it");
        return FAILED;
    }

    static int done() {
        return DONE;
    }

    static int failed() {
        return FAILED;
    }
}
