package tp.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.control.Build;
import tp.control.ControlClient;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.ReplyStream;
import tp.control.Request;
import tp.control.RuntimeDirectory;
import tp.control.StateDirectory;
import tp.spi.common.TpException;

/** The daemon of this user, running or not. */
final class Daemon {

    /** What a runtime outside our image has to be told; the image has it built in. */
    private static final List<String> RUNTIME_OPTIONS =
            List.of("--add-modules=ALL-MODULE-PATH", "--sun-misc-unsafe-memory-access=allow");

    /** jffi's and Netty's. Not linked into the image: commands start faster without. */
    private static final String NATIVE_CODE = "--illegal-native-access=allow";

    /** Not linked into the image: it would warn in each process that does not hold Vert.x. */
    private static final String VERTX_FOR_FABRIC8 =
            "--add-exports=io.vertx.core/io.vertx.core.impl=io.fabric8.kubernetes.client.vertx5";

    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    /** The exit code of a daemon that found another one. */
    private static final int ANOTHER_RUNS = 75;

    private static final long START_POLL_MS = 10;

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
        RuntimeDirectory directory = RuntimeDirectory.of(environment);
        StateDirectory state = state();
        state.prepare();
        words.accept("Launching tp daemon " + Build.version());
        ProcessBuilder builder =
                new ProcessBuilder(command(List.of()))
                        .directory(new File("/"))
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(state.output().toFile()))
                        .redirectErrorStream(true);
        kubeconfig().ifPresent(value -> builder.environment().put("KUBECONFIG", value));
        try {
            return await(builder.start(), directory, state);
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
            Process process =
                    new ProcessBuilder(command(List.of("--plugins")))
                            .redirectInput(new File("/dev/null"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            Thread.ofPlatform().daemon().start(() -> endAfter(patience, process));
            try (InputStream pipe = process.getInputStream()) {
                return ((Reply.Plugins) ReplyStream.read(pipe)).plugins();
            }
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot list the plug-ins: " + e.getMessage(),
                    "see " + state().log(),
                    e);
        }
    }

    private static void endAfter(Duration patience, Process process) {
        try {
            if (!process.waitFor(patience)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
            Process process =
                    new ProcessBuilder(command(List.of("--repair")))
                            .redirectInput(new File("/dev/null"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try (InputStream pipe = process.getInputStream()) {
                Reply reply = ReplyStream.read(pipe);
                while (reply instanceof Reply.Progress step) {
                    words.accept(step.line());
                    reply = ReplyStream.read(pipe);
                }
                if (reply instanceof Reply.Failed failed) {
                    throw new TpException(failed.category(), failed.what(), failed.nextStep());
                }
            }
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot repair what an earlier session left: " + e.getMessage(),
                    "run `tp connect` and `tp quit`",
                    e);
        }
    }

    /** {@return the command that starts the daemon's program} */
    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String home = System.getProperty("tp.home", "");
        if (home.isEmpty()) {
            command.add("--module-path");
            command.add(System.getProperty("jdk.module.path", ""));
            command.addAll(RUNTIME_OPTIONS);
        } else {
            command.add("-Dtp.home=" + home);
        }
        command.addAll(List.of(NATIVE_CODE, VERTX_FOR_FABRIC8));
        command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        command.add("-m");
        command.add("tp.daemon/tp.daemon.Main");
        command.addAll(arguments);
        return command;
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
                process.destroy();
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
        process.destroy();
        throw new TpException(
                TpException.Category.ENVIRONMENT,
                "the daemon does not answer after "
                        + TimeUnit.NANOSECONDS.toSeconds(START_TIMEOUT_NS)
                        + " s",
                "see " + state.log());
    }

    private static String lastLine(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        return lines.isEmpty() ? "it said nothing" : lines.getLast();
    }
}
