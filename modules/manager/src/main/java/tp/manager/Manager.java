package tp.manager;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.incluster.ClusterApi;
import tp.incluster.PodEnvironment;
import tp.spi.common.TpException;
import tp.spi.transport.Sockets;
import tp.tunnel.FlowGrace;
import tp.tunnel.ServerKey;
import tp.tunnel.SessionServer;

/** All parts of the manager, put together. It listens only when all are ready. */
final class Manager implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Manager.class.getName());

    private static final Duration DNS_BOUND = Duration.ofSeconds(3);
    private static final Duration READY_BOUND = Duration.ofMinutes(2);
    private static final int START_TRIES = 10;
    private static final int METRICS_PORT = 8447;
    private static final int GOODBYE_MILLIS = 400;

    private final InetSocketAddress bind;
    private final PodResolver resolver;
    private final Allowance allowance;
    private final ClusterApi api;
    private final ClusterView view;
    private final EventLoopGroup loops =
            Sockets.best().loops(Math.min(4, Runtime.getRuntime().availableProcessors()));
    private final SocketPings pings = SocketPings.start();
    private final Tally tally = new Tally();
    private volatile @Nullable Sessions sessions;
    private volatile @Nullable SessionServer server;
    private volatile @Nullable Listeners listeners;
    private volatile @Nullable Publisher publisher;
    private volatile @Nullable ManagerMetrics metrics;

    /** What the administrator's settings allow. */
    record Allowance(Coverage coverage, External external, FlowGrace grace) {}

    Manager(PodEnvironment pod, InetSocketAddress bind, PodResolver resolver, Allowance allowance) {
        this.bind = bind;
        this.resolver = resolver;
        this.allowance = allowance;
        this.api = new ClusterApi(pod);
        this.view = new ClusterView(api, allowance.coverage(), new ToSessions());
    }

    /**
     * Waits until clients can be let in.
     *
     * @return where it listens
     */
    InetSocketAddress start(String version) throws IOException, InterruptedException {
        view.start();
        ServerKey key = loadKey();
        if (!view.awaitReady(READY_BOUND)) {
            throw TpException.environment(
                    "the cluster's objects could not be listed within "
                            + READY_BOUND.toSeconds()
                            + " s",
                    "look above for what was refused, and at what binds the account tp-manager");
        }
        Publication first = new Publication(key, bind.getPort(), version, List.of());
        Sessions host = sessions(first.publish(api), version);
        sessions = host;
        SessionServer serving = SessionServer.of(key, host, loops, allowance.grace());
        server = serving;
        Listeners more = Listeners.start(bind, key, serving, loops);
        listeners = more;
        metrics = showMetrics(key, serving);
        Publisher publishing =
                new Publisher(
                        () -> api.exposedPorts(coversNodes()),
                        exposed ->
                                new Publication(
                                                key,
                                                bind.getPort(),
                                                version,
                                                more.endpoints(exposed))
                                        .publish(api),
                        System::nanoTime);
        // Whoever finds the session port open, as a probe does, finds the others published.
        publishing.look();
        InetSocketAddress address = serving.listen(bind);
        publisher = publishing;
        log(
                "ready on port {0}, version {1}, key {2}, also {3}",
                Integer.toString(address.getPort()),
                version,
                key.pin().spkiSha256(),
                more.toString());
        return address;
    }

    /** To be called now and then: ends the sessions whose token is over, and counts strangers. */
    void tend() {
        Sessions host = sessions;
        if (host != null) {
            host.tend();
        }
        Publisher publishing = publisher;
        if (publishing != null) {
            publishing.look();
        }
        SessionServer listening = server;
        if (listening != null) {
            tally.line(listening.statistics(), System.nanoTime())
                    .ifPresent(line -> LOG.log(System.Logger.Level.INFO, line));
        }
    }

    /** Says goodbye to all clients first. */
    @Override
    public void close() {
        SessionServer listening = server;
        if (listening != null) {
            log("shutting down, {0} sessions are told", Integer.toString(listening.sessions()));
            Listeners more = listeners;
            if (more != null) {
                more.close();
            }
            listening.close();
            ManagerMetrics shown = metrics;
            if (shown != null) {
                shown.close();
            }
            pause(); // the goodbyes are on their way
        }
        view.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1500);
        pings.close();
        api.close();
    }

    /** {@return where it counts, null where that port cannot be had: all else works without} */
    private @Nullable ManagerMetrics showMetrics(ServerKey key, SessionServer serving)
            throws InterruptedException {
        int port = bind.getPort() == 0 ? 0 : METRICS_PORT;
        try {
            return ManagerMetrics.start(
                    new InetSocketAddress(bind.getAddress(), port),
                    key,
                    loops,
                    MetricsAccess.of(api, allowance.coverage(), InstantSource.system()),
                    serving::statistics);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "no metrics: {0}", e.getMessage());
            return null;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(GOODBYE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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

    private boolean coversNodes() {
        return allowance.coverage() instanceof Coverage.WholeCluster;
    }

    private Reviews reviews(InstantSource clock) {
        return switch (allowance.coverage()) {
            case Coverage.WholeCluster ignored -> Reviews.of(api);
            case Coverage.Namespaces some -> Reviews.of(api, some, clock);
        };
    }

    private Sessions sessions(String uid, String version) {
        InstantSource clock = InstantSource.system();
        Admissions admissions =
                new Admissions(
                        "tp-manager/" + uid,
                        reviews(clock),
                        new PeerLimit(System::nanoTime, PeerLimit.SESSIONS),
                        clock);
        Reach reach = new Reach(view.book(), view::facts, view::lookUp, System::nanoTime);
        DnsForwarder forwarder =
                new DnsForwarder(
                        resolver.servers().stream()
                                .map(address -> new InetSocketAddress(address, 53))
                                .toList(),
                        DNS_BOUND);
        NameGuard names =
                new NameGuard(
                        resolver.clusterDomain(),
                        reach,
                        allowance.coverage(),
                        allowance.external(),
                        forwarder);
        long epoch = new SecureRandom().nextLong(1, Long.MAX_VALUE);
        Sessions.Self self =
                new Sessions.Self(
                        version,
                        epoch,
                        resolver.clusterDomain(),
                        resolver.servers(),
                        allowance.external(),
                        pings);
        return new Sessions(self, admissions, view::facts, reach, names, clock);
    }

    private static void log(String format, String... arguments) {
        LOG.log(System.Logger.Level.INFO, format, (Object[]) arguments);
    }

    /** The view lives before the sessions do. */
    private final class ToSessions implements ClusterView.Listener {
        @Override
        public void changed(ClusterFacts facts) {
            Sessions host = sessions;
            if (host != null) {
                host.changed(facts);
            }
        }

        @Override
        public void moved() {
            Sessions host = sessions;
            if (host != null) {
                host.moved();
            }
        }
    }
}
