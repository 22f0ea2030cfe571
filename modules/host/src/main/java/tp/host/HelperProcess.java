package tp.host;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tp.os.UnixListener;
import tp.os.UnixSocket;
import tp.spi.common.TpException;

/** Starts the helper, and waits until it connects. */
final class HelperProcess {

    private static final System.Logger LOG = System.getLogger(HelperProcess.class.getName());

    private static final Duration WITHOUT_QUESTION = Duration.ofSeconds(30);
    private static final Duration WITH_QUESTION = Duration.ofMinutes(5);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int MAX_LINE = 1000;

    private final HostSettings settings;
    private final Launch launch;

    /** The last line of what the child said, until the helper is connected also told to people. */
    private volatile String lastLine = "";

    private volatile boolean connected;

    HelperProcess(HostSettings settings) {
        this.settings = settings;
        launch =
                switch (settings.place()) {
                    case HOST -> new SudoLaunch(settings.progress());
                    case NAMESPACE -> new UnshareLaunch();
                };
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
                JavaCommand.of(launch.program(), List.of(settings.sessionId(), path.toString()));
        Process child = start(launch.command(command));
        Thread reader =
                Thread.ofPlatform()
                        .daemon()
                        .name("tp-helper-messages")
                        .start(() -> read(child, settings.progress()));
        long end =
                System.nanoTime() + (launch.mayAsk() ? WITH_QUESTION : WITHOUT_QUESTION).toNanos();
        while (System.nanoTime() < end) {
            Optional<UnixSocket> socket = listener.accept(STEP);
            if (socket.isPresent()) {
                if (launch.isHelper(socket.get().peer(), child)) {
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

    /** No stream of the caller goes along: sudo asks on the terminal itself. */
    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        Keeper.cleanEnvironment(builder.environment());
        for (String name : launch.inherited()) {
            String value = System.getenv(name);
            if (value != null) {
                builder.environment().put(name, value);
            }
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
                    // Where nobody is asked anything the failure carries the last line.
                    if (launch.mayAsk()) {
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
        return exit == HelperMain.EXIT_REFUSED
                ? TpException.environment(
                        "tp's helper did not start: " + said,
                        "see the log, whose place `tp version` tells")
                : launch.failure(said);
    }
}
