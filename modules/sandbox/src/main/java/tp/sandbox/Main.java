package tp.sandbox;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import tp.sandbox.node.Faults;
import tp.sandbox.node.JavaRuntime;
import tp.sandbox.node.Places;
import tp.sandbox.node.SampleManifests;
import tp.spi.common.TpException;

/** {@code tp sandbox}: a Kubernetes cluster of our own on a machine that has none. */
@Command(
        name = "tp sandbox",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(up | down | status | run | shell | fault | samples)",
        description = "A small Kubernetes cluster on this machine, with a laptop beside it.")
public final class Main implements Runnable {

    private final JavaRuntime runtime;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where a failure came from.")
    private boolean debug;

    Main(JavaRuntime runtime) {
        this.runtime = runtime;
    }

    public static void main(String[] args) {
        System.exit(commandLine(new Main(JavaRuntime.current())).execute(args));
    }

    static CommandLine commandLine(Main main) {
        return new CommandLine(main)
                // The library's own test for a terminal knows neither the stream nor TERM.
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> main.tell(failure, line));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "say what to do: up, down, status, run, shell, fault or samples");
    }

    @Command(description = "Start a sandbox; returns when its pods are ready.")
    int up() {
        Optional<SandboxProcess> running = SandboxProcess.running();
        if (running.isPresent()) {
            out().println("The sandbox is already up (pid " + running.get().pid() + ").");
            return 0;
        }
        long start = System.nanoTime();
        SandboxProcess sandbox =
                Launch.start(
                        Launch.Lifetime.DETACHED,
                        runtime,
                        step -> {
                            out().println("  " + step);
                            out().flush();
                        });
        out().printf(
                        "Sandbox up in %.1f s (pid %d). Go to its laptop: tp sandbox shell%n",
                        (System.nanoTime() - start) / 1e9, sandbox.pid());
        return 0;
    }

    @Command(description = "End the sandbox and all that runs in it.")
    int down() {
        Optional<SandboxProcess> running = SandboxProcess.running();
        running.ifPresent(SandboxProcess::end);
        out().println(running.isPresent() ? "Sandbox down." : "No sandbox is up.");
        return 0;
    }

    @Command(description = "Say whether a sandbox is up; exit code 1 where none is.")
    int status() {
        Optional<SandboxProcess> running = SandboxProcess.running();
        if (running.isEmpty()) {
            out().println("No sandbox is up.");
            return 1;
        }
        SandboxProcess sandbox = running.get();
        out().println(
                        "Sandbox "
                                + (sandbox.isReady() ? "up" : "starting")
                                + " (pid "
                                + sandbox.pid()
                                + ").");
        sandbox.readyInformation().lines().forEach(line -> out().println("  " + line));
        return 0;
    }

    @Command(
            description =
                    "Start a fresh sandbox, run CMD on its laptop, end the sandbox."
                            + " The exit code is that of CMD.")
    int run(@Parameters(arity = "1..*", paramLabel = "CMD") List<String> command) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("Starting a sandbox ...");
        err.flush();
        SandboxProcess sandbox =
                Launch.start(
                        Launch.Lifetime.TIED,
                        runtime,
                        step -> {
                            err.println("  " + step);
                            err.flush();
                        });
        InterruptGuard guard = InterruptGuard.install(sandbox);
        int exit = 1;
        try {
            exit = sandbox.enter(command, runtime);
        } finally {
            guard.finished(exit);
            sandbox.end();
        }
        return exit;
    }

    @Command(description = "Run CMD, or else a shell, on the laptop of the running sandbox.")
    int shell(@Parameters(arity = "0..*", paramLabel = "CMD") List<String> command) {
        SandboxProcess sandbox = SandboxProcess.running().orElseThrow(Main::noneIsUp);
        List<String> shell = List.of(System.getenv().getOrDefault("SHELL", "/bin/sh"));
        return sandbox.enter(command == null || command.isEmpty() ? shell : command, runtime);
    }

    @Command(
            description =
                    "Let something go wrong, once or from now on until it is switched off:"
                            + " dns=servfail, dns=silent, dns=off, clock=SECONDS (what the API"
                            + " server's time is ahead), clock=off, api=restart,SECONDS (it drops"
                            + " all connections and is away for so long), api=freeze, api=off,"
                            + " tokens=refuse (reviews know none), tokens=unauthorized (nor does"
                            + " the API server let accounts in), tokens=off, manager=kill,"
                            + " manager=drain (SIGTERM).")
    int fault(@Parameters(paramLabel = "FAULT") String fault)
            throws IOException, InterruptedException {
        // On the laptop the sandbox's files are where they are, and its processes are not seen.
        Path root =
                Files.exists(Places.ROOT)
                        ? Path.of("/")
                        : SandboxProcess.running()
                                .flatMap(SandboxProcess::root)
                                .orElseThrow(Main::noneIsUp);
        Faults.set(root, fault);
        return 0;
    }

    @Command(
            description =
                    "Print the sandbox's sample workloads for any cluster, where they need no"
                            + " image of ours: tp sandbox samples | kubectl apply -f -")
    int samples(
            @Option(
                            names = "--runtime-image",
                            paramLabel = "IMAGE",
                            defaultValue = "docker.io/library/eclipse-temurin:25.0.4_7-jre-noble",
                            description = "An image of Java (default: ${DEFAULT-VALUE}).")
                    String image) {
        out().print(SampleManifests.yaml(image));
        out().flush();
        return 0;
    }

    private static TpException noneIsUp() {
        return TpException.environment("no sandbox is up", "start one: tp sandbox up");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private int tell(Exception failure, CommandLine line) {
        PrintWriter err = line.getErr();
        if (debug) {
            failure.printStackTrace(err);
        }
        if (failure instanceof TpException told) {
            err.println("tp: " + told.line());
            return told.category() == TpException.Category.USAGE ? 2 : 1;
        }
        err.println("tp: unexpected " + failure + "; run again with --debug and report it");
        return 1;
    }
}
