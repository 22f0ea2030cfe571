package tp.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.control.Build;
import tp.control.ControlClient;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.RuntimeDirectory;
import tp.control.StateDirectory;
import tp.control.Task;
import tp.spi.common.TpException;

/** The daemon of this user, running or not. */
final class Daemon {

    /** What a runtime outside our image has to be told; bin/tp knows what ours needs. */
    private static final List<String> RUNTIME_OPTIONS =
            List.of(
                    "--add-modules=ALL-MODULE-PATH",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--illegal-native-access=allow",
                    "--add-exports=io.vertx.core/io.vertx.core.impl=io.fabric8.kubernetes.client.vertx5",
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData");

    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    /** The exit code of a daemon that found another one. */
    private static final int ANOTHER_RUNS = 75;

    private static final long START_POLL_MS = 10;

    /**
     * Runs a command as its child. A JVM that exits while it waits for a child of its own takes 300
     * ms longer; it waits for this shell instead, which it can let go. In the foreground, so that
     * the daemon still minds ctrl-C.
     */
    private static final List<String> BETWEEN = List.of("/bin/sh", "-c", "\"$@\"; exit $?", "tp");

    private final Map<String, String> environment;

    Daemon(Map<String, String> environment) {
        this.environment = environment;
    }

    /** {@return a connection to the running daemon, empty where none runs} */
    Optional<ControlClient> running() {
        return ControlClient.connect(RuntimeDirectory.of(environment));
    }

    /**
     * {@return what the session says to a change of it}
     *
     * @throws TpException where there is none, or it refuses
     */
    Reply session(Request change) {
        Optional<ControlClient> running = running();
        if (running.isEmpty()) {
            throw TpException.environment(
                    "this machine is not connected", "run `tp connect` first");
        }
        try (ControlClient client = running.get()) {
            return client.ask(change, line -> {});
        }
    }

    Map<String, String> environment() {
        return environment;
    }

    StateDirectory state() {
        return StateDirectory.of(environment);
    }

    /** The value of {@code KUBECONFIG} with absolute paths, since the daemon works elsewhere. */
    Optional<String> kubeconfig() {
        return Optional.ofNullable(environment.get("KUBECONFIG"))
                .filter(value -> !value.isBlank())
                .map(
                        value ->
                                Arrays.stream(value.split(File.pathSeparator))
                                        .filter(part -> !part.isEmpty())
                                        .map(part -> Path.of(part).toAbsolutePath().toString())
                                        .collect(Collectors.joining(File.pathSeparator)));
    }

    /**
     * Starts a daemon. It keeps nothing of this process but the controlling terminal, on which sudo
     * may have to ask; it leaves that too once its helper runs.
     */
    ControlClient launch(Consumer<String> words) {
        words.accept("Launching tp daemon " + Build.version());
        List<String> command = new ArrayList<>(BETWEEN);
        command.addAll(command(List.of()));
        Process shell =
                start(command, ProcessBuilder.Redirect.from(new File("/dev/null")), Map.of());
        ControlClient client = await(shell);
        shell.destroy();
        return client;
    }

    /**
     * {@return what the daemon answers, empty where none runs, or it ends before it has answered}
     *
     * @throws TpException where it says so itself
     */
    <T> Optional<T> asked(Function<ControlClient, T> question) {
        Optional<ControlClient> daemon = running();
        if (daemon.isEmpty()) {
            return Optional.empty();
        }
        try (ControlClient client = daemon.get()) {
            return Optional.of(question.apply(client));
        } catch (TpException e) {
            if (running().isPresent()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** {@return a daemon for one program, which does not run yet} The caller closes it. */
    DaemonOfOne ofOne() {
        return new DaemonOfOne(environment);
    }

    /** {@return a process of the daemon's program, which has this one's environment and more} */
    Process start(
            List<String> command, ProcessBuilder.Redirect input, Map<String, String> besides) {
        StateDirectory state = state();
        state.prepare();
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(new File("/"))
                        .redirectInput(input)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(state.output().toFile()))
                        .redirectErrorStream(true);
        builder.environment().putAll(besides);
        kubeconfig().ifPresent(value -> builder.environment().put("KUBECONFIG", value));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot start the daemon: " + e.getMessage(),
                    "repair the installation",
                    e);
        }
    }

    /**
     * {@return the providers: of the session, or as a process of the daemon's program finds them}
     *
     * @param patience for that process, in which plug-ins run
     */
    List<PluginEntry> plugins(Duration patience) {
        Optional<ControlClient> running = running();
        if (running.isPresent()) {
            try (ControlClient client = running.get()) {
                return ((Reply.Plugins) client.ask(new Request.Plugins(), line -> {})).plugins();
            }
        }
        return pluginsWithoutSession(patience);
    }

    private List<PluginEntry> pluginsWithoutSession(Duration patience) {
        try {
            Reply listing =
                    new ErrandProcess(command(List.of("--plugins")))
                            .reply(Optional.empty(), Optional.of(patience), step -> {});
            return ((Reply.Plugins) listing).plugins();
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot list the plug-ins: " + e.getMessage(),
                    "take out the plug-in that was added last",
                    e);
        }
    }

    /** {@return whether a session that was killed in every part left this machine's resolver} */
    static boolean leftover() {
        try (Stream<String> lines = Files.lines(Path.of("/etc/resolv.conf"))) {
            if (lines.findFirst()
                    .filter(line -> line.startsWith("# Written by tp for session "))
                    .isPresent()) {
                return true;
            }
        } catch (IOException | UncheckedIOException e) {
            // No text of ours then.
        }
        try (DirectoryStream<Path> redirects =
                Files.newDirectoryStream(Path.of("/run"), "tp-*.redirect")) {
            return redirects.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /** Lets a helper put back what such a session left. */
    void repair(Consumer<String> words) {
        try {
            new ErrandProcess(command(List.of("--repair")))
                    .reply(
                            Optional.empty(),
                            Optional.empty(),
                            telling(step -> words.accept(step.line())));
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot repair what an earlier session left: " + e.getMessage(),
                    "run `tp connect` and `tp quit`",
                    e);
        }
    }

    /**
     * {@return what came of the task} It is done by a process of the daemon's program, whether or
     * not there is a session.
     *
     * @throws TpException where it failed
     */
    Reply errand(Task task, Consumer<Reply.Progress> progress) {
        return run(task, telling(progress));
    }

    /** Does a task whose answer is a text, of any length. */
    void print(Task task, Consumer<String> text) {
        Reply last =
                run(
                        task,
                        reply -> {
                            if (reply instanceof Reply.Part part) {
                                text.accept(part.text());
                            }
                        });
        text.accept(((Reply.Text) last).text());
    }

    private static Consumer<Reply> telling(Consumer<Reply.Progress> progress) {
        return reply -> {
            if (reply instanceof Reply.Progress step) {
                progress.accept(step);
            }
        };
    }

    private Reply run(Task task, Consumer<Reply> meanwhile) {
        try {
            return new ErrandProcess(command(List.of("--errand")))
                    .reply(Optional.of(task), Optional.empty(), meanwhile);
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.BUG,
                    "the process that was to do it failed: " + e.getMessage(),
                    "run it again",
                    e);
        }
    }

    /** {@return the command that starts the daemon's program} */
    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        String home = System.getProperty("tp.home", "");
        if (home.isEmpty()) {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--module-path");
            command.add(System.getProperty("jdk.module.path", ""));
            command.addAll(RUNTIME_OPTIONS);
            command.add("-m");
            command.add("tp.daemon/tp.daemon.Main");
        } else {
            command.add(Path.of(home, "bin", "tp").toString());
            command.add("daemon");
        }
        command.addAll(arguments);
        return command;
    }

    /** {@return a connection to the daemon that was started} */
    ControlClient await(Process process) {
        try {
            return await(process, RuntimeDirectory.of(environment), state());
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot start the daemon: " + e.getMessage(),
                    "repair the installation",
                    e);
        }
    }

    private static ControlClient await(
            Process process, RuntimeDirectory directory, StateDirectory state) throws IOException {
        long deadline = System.nanoTime() + START_TIMEOUT_NS;
        while (System.nanoTime() < deadline) {
            Optional<ControlClient> client = ControlClient.connect(directory);
            if (client.isPresent()) {
                return client.get();
            }
            boolean ended;
            try {
                Thread.sleep(START_POLL_MS);
                ended = !process.isAlive();
            } catch (InterruptedException e) {
                end(process);
                throw new IOException("interrupted", e);
            }
            // Another daemon may have been started at the same moment; then it is the one to ask.
            if (ended && process.exitValue() != ANOTHER_RUNS) {
                throw new TpException(
                        TpException.Category.ENVIRONMENT,
                        "the daemon ended at once: " + lastLine(state.output()),
                        "see " + state.output());
            }
        }
        end(process);
        throw new TpException(
                TpException.Category.ENVIRONMENT,
                "the daemon does not answer after "
                        + TimeUnit.NANOSECONDS.toSeconds(START_TIMEOUT_NS)
                        + " s",
                "see " + state.log());
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private static String lastLine(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        return lines.isEmpty() ? "it said nothing" : lines.getLast();
    }
}
