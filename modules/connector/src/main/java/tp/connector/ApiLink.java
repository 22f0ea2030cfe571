package tp.connector;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import tp.kube.ClusterTable;
import tp.kube.ClusterWatch;
import tp.spi.common.AddressRanges;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.transport.Endpoint;
import tp.tunnel.FlowKeep;
import tp.tunnel.MappingRequest;
import tp.tunnel.Traffic;
import tp.tunnel.Welcome;

/**
 * Keeps a session without a manager: there is one while the API server tells what the mapped
 * namespaces hold. While it does not, nothing is known to be true any more, so that names fail and
 * open flows are reset, as with a tunnel that is lost.
 */
final class ApiLink implements SessionKeeper {

    /**
     * What it is made of.
     *
     * @param loop of its flows
     */
    record Parts(
            Cluster cluster,
            ConnectorEvents events,
            TableNames names,
            EventLoop loop,
            LongSupplier nanoClock) {}

    static final String ID = "agentless";

    /** Each is three watches. */
    static final int MOST_NAMESPACES = 32;

    /**
     * What almost all clusters have, and what nothing in the API tells. Where it is another one,
     * names of the form {@code service.namespace} work all the same.
     */
    private static final String CLUSTER_DOMAIN = "cluster.local";

    private static final long PATIENCE_SECONDS = 20;

    private static final List<String> CANNOT =
            List.of(
                    "UDP",
                    "ping",
                    "names and addresses outside the cluster (ExternalName)",
                    "Services without a selector, whose endpoints are no pods",
                    "nodes, and namespaces that are not mapped");

    private static final System.Logger LOG = System.getLogger(ApiLink.class.getName());

    private final Parts parts;
    private final Refusals refusals = new Refusals();
    private final String sessionId =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

    /** One view is built at a time, so that the last one is of the latest table. */
    private final ReentrantLock building = new ReentrantLock();

    /** Guards all below. Whoever dials takes it, so that it is never held for long. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();

    /** Read without the lock too. */
    private volatile Optional<Follower> follower = Optional.empty();

    private Optional<ApiSession> session = Optional.empty();

    /** What earlier sessions have carried. */
    private Traffic past = Traffic.NONE;

    private Optional<Welcome> told = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private boolean opened;
    private boolean closed;
    private long reconnects;

    ApiLink(Parts parts) {
        this.parts = parts;
    }

    /**
     * Opens the first session; later ones come by themselves.
     *
     * @throws TpException with what is in the way, such as a right that is missing
     */
    Welcome open(MappingRequest mapping) {
        return adopt(allowed(namespaces(mapping)));
    }

    @Override
    public Welcome remap(MappingRequest wanted) {
        return adopt(allowed(namespaces(wanted)));
    }

    /** Whoever may only look would see names that nothing can be reached by. */
    private Follower allowed(List<String> namespaces) {
        FutureTask<Optional<String>> asking =
                new FutureTask<>(() -> parts.cluster().missingToForward(namespaces));
        Thread.ofVirtual().name("ask-rights").start(asking);
        Follower begun = begun(namespaces);
        Optional<String> missing = Optional.empty();
        try {
            missing = asking.get();
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "rights: {0}", e.getCause()); // the deed will tell
        } catch (InterruptedException e) {
            begun.close();
            throw interrupted(e);
        }
        if (missing.isPresent()) {
            begun.close();
            throw refused(
                    TpException.environment(
                            "you may not reach pods: " + missing.get() + " is missing", ""));
        }
        return begun;
    }

    private static List<String> namespaces(MappingRequest mapping) {
        if (mapping.all()) {
            throw TpException.usage(
                    "without a manager the namespaces have to be named",
                    "name them with --mapped-namespaces");
        }
        if (mapping.names().size() > MOST_NAMESPACES) {
            throw TpException.usage(
                    "without a manager at most " + MOST_NAMESPACES + " namespaces can be mapped",
                    "name fewer with --mapped-namespaces");
        }
        return mapping.names();
    }

    /** Follows some namespaces, of which it tells here once it is adopted. */
    private final class Follower implements ClusterWatch.Listener {

        private final List<String> namespaces;
        private final CompletableFuture<ClusterTable> first = new CompletableFuture<>();
        private volatile ClusterTable latest = ClusterTable.EMPTY;

        /** Present while it is lost. */
        private volatile Optional<TpException> failed = Optional.empty();

        private Optional<Cluster.Watch> watch = Optional.empty();

        Follower(List<String> namespaces) {
            this.namespaces = namespaces;
        }

        @Override
        public void changed(ClusterTable table) {
            latest = table;
            failed = Optional.empty();
            if (!first.complete(table)) {
                ApiLink.this.changed(this);
            }
        }

        @Override
        public void lost(TpException why) {
            failed = Optional.of(why);
            if (!first.completeExceptionally(why)) {
                ApiLink.this.lost(this, why);
            }
        }

        void close() {
            watch.ifPresent(Cluster.Watch::close);
        }
    }

    private Follower begun(List<String> namespaces) {
        Follower begun = new Follower(namespaces);
        begun.watch = Optional.of(parts.cluster().watch(namespaces, begun));
        try {
            begun.first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return begun;
        } catch (ExecutionException e) {
            begun.close();
            throw e.getCause() instanceof TpException told ? refused(told) : asBug(e);
        } catch (TimeoutException e) {
            begun.close();
            throw new TpException(
                    TpException.Category.TRANSIENT,
                    "the API server did not list what the namespaces hold in time",
                    "try again",
                    e);
        } catch (InterruptedException e) {
            begun.close();
            throw interrupted(e);
        }
    }

    private static TpException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "", e);
    }

    private static TpException refused(TpException told) {
        return told.category() == TpException.Category.ENVIRONMENT
                ? new TpException(
                        told.category(),
                        String.valueOf(told.getMessage()),
                        "ask an administrator of the cluster for what 'tp install --print-rbac"
                                + " --for agentless' shows, in each namespace",
                        told)
                : told;
    }

    private static TpException asBug(ExecutionException e) {
        return new TpException(TpException.Category.BUG, "the watch failed", "", e);
    }

    private Welcome adopt(Follower next) {
        Optional<Follower> before;
        lock.lock();
        try {
            if (closed) {
                next.close();
                throw ended();
            }
            before = follower;
            follower = Optional.of(next);
        } finally {
            lock.unlock();
        }
        before.ifPresent(Follower::close);
        Welcome welcome = publish(next).orElseThrow(ApiLink::ended);
        // It may have been lost again while it was nobody's.
        next.failed.ifPresent(why -> lost(next, why));
        return welcome;
    }

    private static TpException ended() {
        return new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "");
    }

    private void changed(Follower by) {
        Optional<Welcome> before;
        lock.lock();
        try {
            before = told;
        } finally {
            lock.unlock();
        }
        Optional<Welcome> now = publish(by);
        if (now.isPresent() && !now.equals(before)) {
            parts.events().granted(now.get());
        }
    }

    /** {@return what is granted now, empty where that follower is not the one that counts} */
    private Optional<Welcome> publish(Follower by) {
        building.lock();
        try {
            return show(view(by.latest, by.namespaces), by);
        } finally {
            building.unlock();
        }
    }

    private Optional<Welcome> show(ApiSession.View view, Follower by) {
        lock.lock();
        try {
            if (closed || !follower.equals(Optional.of(by))) {
                return Optional.empty();
            }
            if (session.isPresent()) {
                session.get().update(view);
            } else {
                session = Optional.of(new ApiSession(means(), view));
                reconnects += opened ? 1 : 0;
                opened = true;
                failure = Optional.empty();
                changed.signalAll();
            }
            told = Optional.of(view.welcome());
            return told;
        } finally {
            lock.unlock();
        }
    }

    private ApiSession.Means means() {
        return new ApiSession.Means(
                parts.loop(),
                pod -> parts.cluster().forward(pod.name(), parts.loop()),
                refusals,
                parts.nanoClock(),
                () -> ofWatch(Cluster.Watch::roundTripNs),
                () -> ofWatch(Cluster.Watch::heardAtNs));
    }

    /** A session outlives its follower, which is another one for each mapping. */
    private long ofWatch(ToLongFunction<Cluster.Watch> asked) {
        return follower.flatMap(one -> one.watch).map(asked::applyAsLong).orElse(0L);
    }

    private ApiSession.View view(ClusterTable table, List<String> namespaces) {
        Targets targets = new Targets(table);
        Welcome welcome =
                new Welcome(
                        sessionId,
                        0,
                        "",
                        new Welcome.Zone(CLUSTER_DOMAIN, List.of()),
                        ranges(targets.addresses()),
                        List.of(),
                        namespaces,
                        List.of(),
                        Targets.ECHO);
        return new ApiSession.View(
                welcome, targets, parts.names().zone(CLUSTER_DOMAIN, table, namespaces));
    }

    private static List<Cidr> ranges(Collection<InetAddress> addresses) {
        return AddressRanges.of(addresses).stream()
                .sorted(Comparator.comparing(Cidr::isIpv6).thenComparing(Cidr::toString))
                .toList();
    }

    private void lost(Follower by, TpException why) {
        Optional<ApiSession> ended;
        lock.lock();
        try {
            if (closed || !follower.equals(Optional.of(by))) {
                return;
            }
            ended = session;
            past = traffic();
            session = Optional.empty();
            told = Optional.empty();
            failure = Optional.of(why.line());
        } finally {
            lock.unlock();
        }
        if (ended.isPresent()) {
            LOG.log(System.Logger.Level.WARNING, "the API is lost: {0}", why.line());
            ended.get().close();
            parts.events().lost(why.line());
        }
    }

    @Override
    public Optional<ClusterSession> session() {
        lock.lock();
        try {
            return session.map(ClusterSession.class::cast);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<ClusterSession> sessionForFlow() {
        return session();
    }

    @Override
    public Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
            throws InterruptedException {
        lock.lock();
        try {
            long left = timeoutNs;
            while (session.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return session.map(ClusterSession.class::cast);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean use(String transport) {
        throw TpException.usage(
                "a session without a manager has no transport to choose",
                "run `tp quit` first, then connect again");
    }

    @Override
    public LinkState state() {
        lock.lock();
        try {
            return new LinkState(
                    session.isPresent(),
                    ID,
                    session.map(one -> one.statistics().openFlows()).orElse(0),
                    reconnects,
                    // A flow ends with its connection, so that none is ever kept for another one.
                    new FlowKeep.Statistics(0, 0, 0, 0, 0, traffic()),
                    failure,
                    List.of(),
                    Optional.of(new LinkState.Direct(CANNOT, refusals.lines())));
        } finally {
            lock.unlock();
        }
    }

    private Traffic traffic() {
        return session.map(one -> past.and(one.statistics())).orElse(past);
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return Optional.empty();
    }

    @Override
    public Optional<LinkOpener.Target> target() {
        return Optional.empty();
    }

    @Override
    public void close() {
        Optional<Follower> last;
        Optional<ApiSession> open;
        lock.lock();
        try {
            closed = true;
            last = follower;
            open = session;
            session = Optional.empty();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        last.ifPresent(Follower::close);
        open.ifPresent(ApiSession::close);
    }
}
