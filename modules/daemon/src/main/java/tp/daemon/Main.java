package tp.daemon;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.connector.Providers;
import tp.control.Build;
import tp.control.ControlServer;
import tp.control.Frames;
import tp.control.Reply;
import tp.control.RuntimeDirectory;
import tp.control.StateDirectory;
import tp.host.Host;
import tp.host.HostSettings;
import tp.os.OsException;
import tp.os.Processes;
import tp.spi.common.TpException;

/**
 * The daemon's program, for as long as a session lasts: one per user, and one for each program that
 * has a session of its own.
 */
public final class Main {

    private static final System.Logger LOG = System.getLogger(Main.class.getName());

    /** The command line asks at once; a daemon that nobody asks has been left alone. */
    private static final long IDLE_SECONDS = 60;

    /** EX_TEMPFAIL of sysexits.h: another daemon is there already. */
    private static final int ALREADY = 75;

    /** To whoever started this program for one answer; System.out would not say that it is gone. */
    private static final OutputStream PIPE = new FileOutputStream(FileDescriptor.out);

    private Main() {}

    public static void main(String[] args) throws Exception {
        // The host's resolver changes under this process, which must see that at once.
        java.security.Security.setProperty("networkaddress.cache.ttl", "0");
        java.security.Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Map<String, String> environment = System.getenv();
        try {
            if (answers(String.join(" ", args), environment)) {
                System.exit(0);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("no answer: " + e);
            System.exit(1);
        }
        RuntimeDirectory directory = RuntimeDirectory.of(environment);
        try (FileChannel file = lockFile(directory.path().resolve("daemon.lock"))) {
            @Nullable FileLock lock = file.tryLock();
            if (lock == null) {
                System.exit(ALREADY);
            }
            BoundedLog.install(StateDirectory.of(environment).log());
            if (List.of(args).equals(List.of("--rootless"))) {
                leaveTerminal();
                run(directory, HostSettings.Place.NAMESPACE, environment);
            } else {
                run(directory, HostSettings.Place.HOST, environment);
            }
        }
        System.exit(0);
    }

    /** {@return whether one answer was all that was wanted} */
    private static boolean answers(String mode, Map<String, String> environment)
            throws IOException {
        switch (mode) {
            case "--plugins" ->
                    Frames.write(
                            new Reply.Plugins(PluginListing.of(Providers.find(environment))), PIPE);
            case "--errand" -> Errand.run(System.in, PIPE, ManagerCode.of(environment));
            case "--repair" -> repair(RuntimeDirectory.of(environment));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Interrupts are for the program that the session is for. */
    private static void leaveTerminal() {
        try {
            Processes.newSession();
        } catch (OsException e) {
            LOG.log(System.Logger.Level.DEBUG, "setsid: {0}", e.getMessage());
        }
    }

    /** The standard input of a daemon for one program ends with the process that runs it. */
    private static void endWithStarter(Requests requests) {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said there.
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "standard input: {0}", e.getMessage());
        }
        requests.stop();
    }

    /** A helper repairs as it starts; this one has nothing else to do. */
    private static void repair(RuntimeDirectory directory) throws IOException {
        Reply last = new Reply.Done();
        HostSettings settings =
                new HostSettings(
                        SessionStarter.newId(),
                        directory.path(),
                        HostSettings.Place.HOST,
                        Main::progress);
        try (Host host = Host.start(settings)) {
            host.notes().forEach(Main::progress);
        } catch (TpException e) {
            last = Requests.failure(e);
        }
        Frames.write(last, PIPE);
    }

    private static void progress(String line) {
        try {
            Frames.write(Reply.Progress.asking(line), PIPE);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.INFO, "nobody reads: {0}", line);
        }
    }

    private static void end(Requests requests, RuntimeDirectory directory, boolean own) {
        requests.end();
        if (own) {
            directory.remove();
        }
    }

    private static FileChannel lockFile(Path path) throws IOException {
        return FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                StateDirectory.PRIVATE_FILE);
    }

    private static void run(
            RuntimeDirectory directory, HostSettings.Place place, Map<String, String> environment)
            throws IOException, InterruptedException {
        LOG.log(System.Logger.Level.INFO, "tp daemon {0} starts", Build.version());
        SessionStarter starter = new SessionStarter(directory, place, environment);
        Doctor doctor = new Doctor(directory, environment);
        Requests requests = new Requests(starter, doctor::examine, starter::plugins);
        boolean own = place == HostSettings.Place.NAMESPACE;
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> end(requests, directory, own), "restore"));
        if (own) {
            Thread.ofPlatform()
                    .daemon()
                    .name("starter-watch")
                    .start(() -> endWithStarter(requests));
        }
        ControlServer server = ControlServer.start(directory, requests);
        boolean over = false;
        while (!over) {
            over = requests.awaitEnd(IDLE_SECONDS, TimeUnit.SECONDS) || requests.idle();
        }
        server.close();
        requests.end();
        LOG.log(System.Logger.Level.INFO, "tp daemon ends");
    }
}
