package tp.host;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tp.os.Processes;
import tp.os.UnixListener;
import tp.os.UnixSocket;
import tp.spi.common.TpException;

/** Starts the helper, through sudo where this process is not root, and waits until it connects. */
final class HelperProcess {

    private static final System.Logger LOG = System.getLogger(HelperProcess.class.getName());

    private static final Duration WITHOUT_QUESTION = Duration.ofSeconds(30);
    private static final Duration WITH_QUESTION = Duration.ofMinutes(5);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int MAX_LINE = 1000;

    private final HostSettings settings;
    private final boolean root = Processes.effectiveUserId() == 0;
    private final boolean terminal = hasTerminal();

    /** The last line of what the child said, until the helper is connected also told to people. */
    private volatile String lastLine = "";

    private volatile boolean connected;

    HelperProcess(HostSettings settings) {
        this.settings = settings;
    }

    UnixSocket connect() {
        Path path = settings.runtimeDirectory().resolve(Names.socket(settings.sessionId()));
        try {
            Files.deleteIfExists(path);
            try (UnixListener listener = UnixListener.listen(path)) {
                return connect(listener, path);
            }
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot talk to tp's helper: " + e.getMessage(),
                    "see the daemon's log",
                    e);
        }
    }

    private UnixSocket connect(UnixListener listener, Path path) throws IOException {
        List<String> command =
                JavaCommand.of(HelperMain.class, List.of(settings.sessionId(), path.toString()));
        Process child = start(privileged(command));
        Thread reader =
                Thread.ofPlatform()
                        .daemon()
                        .name("tp-helper-messages")
                        .start(() -> read(child, settings.progress()));
        long end =
                System.nanoTime()
                        + (root || !terminal ? WITHOUT_QUESTION : WITH_QUESTION).toNanos();
        while (System.nanoTime() < end) {
            Optional<UnixSocket> socket = listener.accept(STEP);
            if (socket.isPresent()) {
                if (socket.get().peer().userId() == 0) {
                    connected = true;
                    return socket.get();
                }
                socket.get().close();
            } else if (!child.isAlive()) {
                throw failure(child, reader);
            }
        }
        child.destroy();
        throw TpException.environment("tp's helper did not start in time", "see the daemon's log");
    }

    private List<String> privileged(List<String> command) {
        if (root) {
            return command;
        }
        String path = System.getenv("PATH");
        boolean found =
                path != null
                        && List.of(path.split(File.pathSeparator)).stream()
                                .anyMatch(d -> Files.isExecutable(Path.of(d, "sudo")));
        if (!found) {
            throw TpException.environment(
                    "tp needs root to open a network device and there is no sudo here",
                    "install sudo, or run tp as root");
        }
        List<String> whole = new ArrayList<>(List.of("sudo"));
        if (terminal) {
            settings.progress()
                    .accept(
                            "tp needs root to open a network device and edit routes and resolver: \""
                                    + String.join(" ", command)
                                    + "\"");
        } else {
            whole.add("-n");
        }
        whole.add("--");
        whole.addAll(command);
        return whole;
    }

    /** No stream of the caller goes along: sudo asks on the terminal itself. */
    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        String path = System.getenv("PATH");
        String term = System.getenv("TERM");
        Keeper.cleanEnvironment(builder.environment());
        if (!root && path != null) {
            builder.environment().put("PATH", path);
        }
        if (!root && term != null) {
            builder.environment().put("TERM", term);
        }
        builder.redirectInput(Redirect.from(new File("/dev/null")));
        builder.redirectOutput(Redirect.DISCARD);
        return builder.start();
    }

    private void read(Process child, Consumer<String> progress) {
        try (BufferedReader reader = child.errorReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = reader.readLine()) != null) {
                String text = line.substring(0, Math.min(MAX_LINE, line.length()));
                if (connected) {
                    LOG.log(System.Logger.Level.INFO, "helper: {0}", text);
                } else if (!text.isBlank()) {
                    lastLine = text;
                    LOG.log(System.Logger.Level.INFO, "helper: {0}", text);
                    // Without a terminal sudo asks nothing; the failure carries its last line.
                    if (terminal) {
                        progress.accept(text);
                    }
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the helper's messages ended", e);
        }
    }

    private TpException failure(Process child, Thread reader) {
        try {
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int exit = child.exitValue();
        String said = lastLine.isEmpty() ? "exit code " + exit : lastLine;
        if (root || exit == HelperMain.EXIT_REFUSED) {
            return TpException.environment(
                    "tp's helper did not start: " + said,
                    "see the log, whose place `tp version` tells");
        }
        return TpException.environment(
                "sudo did not start tp's helper: " + said,
                terminal
                        ? "check that `sudo -v` works for this user"
                        : "check that `sudo -v` works for this user, or connect from a terminal,"
                                + " where sudo can ask");
    }

    private static boolean hasTerminal() {
        // Opening it fails with ENXIO in a process that has none.
        try (FileChannel terminal =
                FileChannel.open(Path.of("/dev/tty"), StandardOpenOption.READ)) {
            return terminal.isOpen();
        } catch (IOException e) {
            return false;
        }
    }
}
