package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tp.kube.KubeCluster;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.MappingRequest;
import tp.tunnel.Welcome;

/**
 * Tries every transport, for sessions that carry nothing. Closing it closes those. For one thread.
 */
public final class Trials implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration PROOF = Duration.ofSeconds(4);

    private static final LinkListener.Owner NOBODY =
            new LinkListener.Owner() {
                @Override
                public void updated(LinkListener listener, Welcome welcome) {}

                @Override
                public void doubtful(LinkListener listener, String reason) {}

                @Override
                public void lost(LinkListener listener, String reason) {}
            };

    private final Point<TransportProvider> transports;
    private final LinkOpener opener;
    private final LinkOpener.Target target;

    /** Both guarded by the list. */
    private final List<OpenLink> open = new ArrayList<>();

    private boolean closed;

    private Trials(
            Point<TransportProvider> transports, LinkOpener opener, LinkOpener.Target target) {
        this.transports = transports;
        this.opener = opener;
        this.target = target;
    }

    /** {@return trials that have not begun} */
    public static Trials of(
            KubeCluster kube,
            ManagerInfo manager,
            ConnectorSettings settings,
            Providers providers,
            EventLoopGroup loops) {
        Supplier<LinkListener> listeners = () -> new LinkListener(NOBODY);
        LinkOpener opener =
                new LinkOpener(
                        new LinkOpener.Means(
                                TunnelSession.opener(loops),
                                loops,
                                NetworkMemory.none(),
                                Pace.USUAL,
                                System::nanoTime),
                        providers.transports(),
                        settings,
                        MappingRequest.everything());
        return new Trials(
                providers.transports(),
                opener,
                new LinkOpener.Target(new KubeLink(kube, Optional.empty()), manager, listeners));
    }

    /**
     * Tries all of them, side by side; blocks for ten seconds at most.
     *
     * @return each with {@code works}, {@code failed} or {@code unusable}
     */
    public List<TransportState> run() throws InterruptedException {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        TransportContext context = opener.context(target);
        Map<String, FutureTask<TransportState>> trials = new LinkedHashMap<>();
        for (Assessed<TransportProvider> one :
                transports.assess(provider -> provider.assess(context))) {
            FutureTask<TransportState> trial = new FutureTask<>(() -> tried(one));
            trials.put(one.found().id(), trial);
            Thread.ofVirtual().name("try-" + one.found().id()).start(trial);
        }
        List<TransportState> states = new ArrayList<>();
        for (Map.Entry<String, FutureTask<TransportState>> one : trials.entrySet()) {
            states.add(await(one.getKey(), one.getValue(), endNs));
        }
        return states;
    }

    private static TransportState await(String id, FutureTask<TransportState> trial, long endNs)
            throws InterruptedException {
        try {
            return trial.get(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new TransportState(id, "failed", "no answer in time");
        } catch (ExecutionException e) {
            return new TransportState(id, "failed", "broken: " + e.getCause());
        }
    }

    private TransportState tried(Assessed<TransportProvider> one) throws InterruptedException {
        String id = one.found().id();
        if (one.rank() < 0) {
            return new TransportState(id, "unusable", one.assessment().reason());
        }
        try {
            OpenLink link = opener.another(target, id);
            keep(link);
            long beganNs = System.nanoTime();
            link.session().prove(PROOF);
            long tookUs = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNs);
            return new TransportState(id, "works", told(link, tookUs));
        } catch (IOException | TpException e) {
            return new TransportState(id, "failed", Selection.reason(e));
        }
    }

    private static String told(OpenLink link, long roundTripUs) {
        String time = "round trip %d.%d ms".formatted(roundTripUs / 1000, roundTripUs / 100 % 10);
        return link.where().isEmpty() ? time : link.where() + ", " + time;
    }

    private void keep(OpenLink link) {
        synchronized (open) {
            if (!closed) {
                open.add(link);
                return;
            }
        }
        link.close();
    }

    /** {@return one of the sessions that work, empty while there is none} */
    public Optional<ClusterSession> session() {
        synchronized (open) {
            return open.stream().map(OpenLink::session).findFirst();
        }
    }

    @Override
    public void close() {
        List<OpenLink> links;
        synchronized (open) {
            closed = true;
            links = List.copyOf(open);
        }
        links.forEach(OpenLink::close);
    }
}
