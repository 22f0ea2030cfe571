package tp.daemon;

import java.io.IOException;
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
import tp.control.Reply;
import tp.control.ReplyStream;
import tp.control.RuntimeDirectory;
import tp.control.StateDirectory;
import tp.host.Host;
import tp.host.HostSettings;
import tp.spi.common.TpException;

/** The daemon's program: one per user, for as long as a session lasts. */
public final class Main {

    private static final System.Logger LOG = System.getLogger(Main.class.getName());

    /** The command line asks at once; a daemon that nobody asks has been left alone. */
    private static final long IDLE_SECONDS = 60;

    /** EX_TEMPFAIL of sysexits.h: another daemon is there already. */
    private static final int ALREADY = 75;

    private Main() {}

    public static void main(String[] args) throws Exception {
        // The host's resolver changes under this process, which must see that at once.
        java.security.Security.setProperty("networkaddress.cache.ttl", "0");
        java.security.Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Map<String, String> environment = System.getenv();
        if (List.of(args).equals(List.of("--plugins"))) {
            Reply listing = new Reply.Plugins(PluginListing.of(Providers.find(environment)));
            ReplyStream.write(listing, System.out);
            return;
        }
        RuntimeDirectory directory = RuntimeDirectory.of(environment);
        if (List.of(args).equals(List.of("--repair"))) {
            repair(directory);
            System.exit(0);
        }
        try (FileChannel file = lockFile(directory.path().resolve("daemon.lock"))) {
            @Nullable FileLock lock = file.tryLock();
            if (lock == null) {
                System.exit(ALREADY);
            }
            BoundedLog.install(StateDirectory.of(environment).log());
            run(directory, environment);
        }
        System.exit(0);
    }

    /** A helper repairs as it starts; this one has nothing else to do. */
    private static void repair(RuntimeDirectory directory) throws IOException {
        Reply last = new Reply.Done();
        HostSettings settings =
                new HostSettings(SessionStarter.newId(), directory.path(), Main::progress);
        try (Host host = Host.start(settings)) {
            host.notes().forEach(Main::progress);
        } catch (TpException e) {
            last = Requests.failure(e);
        }
        ReplyStream.write(last, System.out);
    }

    private static void progress(String line) {
        try {
            ReplyStream.write(Reply.Progress.asking(line), System.out);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.INFO, "nobody reads: {0}", line);
        }
    }

    private static FileChannel lockFile(Path path) throws IOException {
        return FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                StateDirectory.PRIVATE_FILE);
    }

    private static void run(RuntimeDirectory directory, Map<String, String> environment)
            throws IOException, InterruptedException {
        LOG.log(System.Logger.Level.INFO, "tp daemon {0} starts", Build.version());
        SessionStarter starter = new SessionStarter(directory, environment);
        Requests requests = new Requests(starter, starter::plugins);
        Runtime.getRuntime().addShutdownHook(new Thread(requests::end, "restore"));
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
