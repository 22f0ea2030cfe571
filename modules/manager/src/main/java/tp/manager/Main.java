package tp.manager;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import tp.incluster.PodEnvironment;
import tp.spi.common.TpException;

/** The manager's process: starts on its own, ends on SIGTERM. */
public final class Main {

    private static final int PORT = 8443;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Duration TENDING = Duration.ofSeconds(5);

    /**
     * HTTP/2's codec says at INFO what becomes of each frame that comes late. Held here, since
     * java.util.logging forgets the level of a logger that nobody holds.
     */
    private static final Logger CODEC = Logger.getLogger("io.netty");

    private Main() {}

    /** Takes no arguments: everything comes from the pod. */
    public static void main(String[] arguments) {
        // One line for each record, on standard error, and never a stack trace.
        System.setProperty(
                "java.util.logging.SimpleFormatter.format",
                "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%n");
        CODEC.setLevel(Level.WARNING);
        try {
            run();
        } catch (TpException e) {
            fail(e.line());
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            fail("interrupted");
        }
    }

    private static void run() throws IOException, InterruptedException {
        PodEnvironment pod = PodEnvironment.current();
        PodResolver resolver = PodResolver.parse(Files.readString(RESOLV_CONF), pod.namespace());
        var allowance =
                new Manager.Allowance(
                        Coverage.of(System.getenv()),
                        External.of(System.getenv()),
                        Grace.of(System.getenv()));
        Manager manager = new Manager(pod, new InetSocketAddress(PORT), resolver, allowance);
        CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    manager.close();
                                    end.countDown();
                                }));
        manager.start(version());
        manager.tend();
        while (!end.await(TENDING.toMillis(), TimeUnit.MILLISECONDS)) {
            manager.tend();
        }
    }

    private static void fail(String line) {
        System.err.println("tp manager: " + line);
        System.exit(1);
    }

    private static String version() {
        return Main.class.getModule().isNamed()
                ? Main.class.getModule().getDescriptor().rawVersion().orElse("unversioned")
                : "unversioned";
    }
}
