package tp.manager;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tp.incluster.ClusterApi;
import tp.incluster.PodEnvironment;
import tp.spi.common.TpException;
import tp.tunnel.ServerKey;
import tp.tunnel.SessionServer;

/** The manager's process: puts the parts together, listens when all are ready, ends on SIGTERM. */
public final class Main {

    private static final int PORT = 8443;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Duration DNS_BOUND = Duration.ofSeconds(3);
    private static final Duration READY_BOUND = Duration.ofMinutes(2);
    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(5);
    private static final int START_TRIES = 10;
    private static final int GOODBYE_MILLIS = 400;

    private final PodEnvironment pod;
    private final ClusterApi api;
    private final InetSocketAddress bind;
    private final AtomicReference<@Nullable Sessions> sessions = new AtomicReference<>();
    private final ClusterView view;

    private Main(PodEnvironment pod, InetSocketAddress bind) {
        this.pod = pod;
        this.api = new ClusterApi(pod);
        this.bind = bind;
        this.view = new ClusterView(api, new ToSessions());
    }

    /** Takes no arguments: everything comes from the pod. */
    public static void main(String[] arguments) {
        // One line for each record, on standard error; and never a stack trace.
        System.setProperty(
                "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tLZ %4$s %3$s: %5$s%n");
        System.setProperty("user.timezone", "UTC");
        try {
            new Main(PodEnvironment.current(), new InetSocketAddress(PORT)).run();
        } catch (TpException e) {
            fail(e.line());
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            fail("interrupted");
        }
    }

    private static void fail(String line) {
        System.err.println("tp manager: " + line);
        System.exit(1);
    }

    private void run() throws IOException, InterruptedException {
        PodResolver resolver = PodResolver.parse(Files.readString(RESOLV_CONF), pod.namespace());
        view.start();
        ServerKey key = loadKey();
        if (!view.awaitReady(READY_BOUND)) {
            throw TpException.environment(
                    "the cluster's objects could not be listed within " + READY_BOUND,
                    "look above for what was refused, and at the ClusterRole tp-manager");
        }
        String version = version();
        String uid = OwnKey.publish(api, key, bind.getPort(), version);
        Sessions host = host(resolver, uid, version);
        sessions.set(host);
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(
                        Math.min(4, Runtime.getRuntime().availableProcessors()),
                        NioIoHandler.newFactory());
        SessionServer server = SessionServer.start(bind, key, host, loops);
        CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, loops, end)));
        log(
                "ready on port {0}, version {1}, key {2}",
                Integer.toString(server.address().getPort()), version, key.pin().spkiSha256());
        while (!end.await(EXPIRY_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
            host.expire();
        }
    }

    /** The API server may come up later than we do. */
    private ServerKey loadKey() throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return OwnKey.load(api);
            } catch (IOException e) {
                if (attempt == START_TRIES) {
                    throw e;
                }
                log("the key is not there yet: {0}", String.valueOf(e.getMessage()));
                Thread.sleep(Duration.ofSeconds(attempt));
            }
        }
    }

    private Sessions host(PodResolver resolver, String uid, String version) {
        InstantSource clock = InstantSource.system();
        Admissions admissions =
                new Admissions(
                        "tp-manager/" + uid,
                        Reviews.of(api),
                        new PeerLimit(System::nanoTime),
                        clock);
        Reach reach = new Reach(view.book(), view::facts, view::lookUp, System::nanoTime);
        DnsForwarder forwarder =
                new DnsForwarder(
                        resolver.servers().stream()
                                .map(address -> new InetSocketAddress(address, 53))
                                .toList(),
                        DNS_BOUND);
        NameGuard names = new NameGuard(resolver.clusterDomain(), reach, forwarder);
        long epoch = new SecureRandom().nextLong(1, Long.MAX_VALUE);
        Sessions.Self self =
                new Sessions.Self(version, epoch, resolver.clusterDomain(), resolver.servers());
        return new Sessions(self, admissions, view::facts, reach, names, clock);
    }

    private void close(SessionServer server, EventLoopGroup loops, CountDownLatch end) {
        log("shutting down, {0} sessions are told", Integer.toString(server.sessions()));
        server.close();
        view.close();
        try {
            Thread.sleep(GOODBYE_MILLIS); // the goodbyes are on their way
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1500);
        api.close();
        end.countDown();
    }

    private static String version() {
        return Main.class.getModule().isNamed()
                ? Main.class.getModule().getDescriptor().rawVersion().orElse("unversioned")
                : "unversioned";
    }

    private static void log(String format, String... arguments) {
        System.getLogger(Main.class.getName())
                .log(System.Logger.Level.INFO, format, (Object[]) arguments);
    }

    /** The view lives before the sessions do. */
    private final class ToSessions implements ClusterView.Listener {
        @Override
        public void changed(ClusterFacts facts) {
            Sessions host = sessions.get();
            if (host != null) {
                host.changed(facts);
            }
        }

        @Override
        public void moved() {
            Sessions host = sessions.get();
            if (host != null) {
                host.moved();
            }
        }
    }
}
