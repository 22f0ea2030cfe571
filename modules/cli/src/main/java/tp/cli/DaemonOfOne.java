package tp.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tp.control.Build;
import tp.control.ControlClient;
import tp.control.RuntimeDirectory;

/**
 * A daemon for one program in namespaces of its own. It has a folder of its own, so that there may
 * be several, beside the daemon of this user; and it ends with this process, however that ends,
 * since this process holds its standard input.
 */
final class DaemonOfOne implements AutoCloseable {

    private static final long ENDING_SECONDS = 10;

    private final RuntimeDirectory directory;
    private final Map<String, String> environment;
    private final Daemon daemon;
    private Optional<Process> process = Optional.empty();

    DaemonOfOne(Map<String, String> environment) {
        directory = RuntimeDirectory.forSession(environment);
        this.environment = Map.of(RuntimeDirectory.SESSION, directory.path().toString());
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(this.environment);
        daemon = new Daemon(all);
    }

    /** {@return by what other commands of tp find this daemon} */
    Map<String, String> environment() {
        return environment;
    }

    /** Starts it. */
    synchronized ControlClient launch(Consumer<String> words) {
        words.accept("Launching tp daemon " + Build.version());
        Process started =
                daemon.start(daemon.command(List.of("--rootless")), Redirect.PIPE, environment);
        process = Optional.of(started);
        return daemon.await(started);
    }

    /** Ends it, and waits until nothing is left of it. A second call does nothing. */
    @Override
    public synchronized void close() {
        process.ifPresent(DaemonOfOne::end);
        process = Optional.empty();
        directory.remove();
    }

    private static void end(Process running) {
        try {
            running.getOutputStream().close();
            if (!running.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (IOException e) {
            running.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
