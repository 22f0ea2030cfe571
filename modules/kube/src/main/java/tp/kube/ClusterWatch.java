package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tp.spi.common.TpException;

/**
 * Keeps a {@link ClusterTable} of some namespaces, by {@code list} and {@code watch} on Services,
 * EndpointSlices and pods.
 *
 * <pre>
 *   start ─► lists ──all there──► UP ──one fails for 7 s──► DOWN ──all there again──► UP
 * </pre>
 *
 * <p>While UP the API server is asked for its version every few seconds: a watch over a connection
 * that died silently looks like a quiet one. Where that fails all is listed anew.
 */
public final class ClusterWatch implements AutoCloseable {

    /** Told of what happens, one call after the other, on a thread of the watch. */
    public interface Listener {

        /** All lists are there, as when it began, or one of them has changed. */
        void changed(ClusterTable table);

        /**
         * The API server is silent or refuses, and not just for a moment; it is tried again each
         * second.
         *
         * @param why such as a right that is missing; told again where that changes
         */
        void lost(TpException why);
    }

    private static final System.Logger LOG = System.getLogger(ClusterWatch.class.getName());

    private static final Duration BEAT = Duration.ofSeconds(4);

    /** What is refused for a moment, as by a server that is busy, is no loss. */
    private static final long LOSS_NS = TimeUnit.SECONDS.toNanos(7);

    /** Changes come in bunches: a rollout tells of each pod several times. */
    private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Of these it is not the API server that speaks, but who did not reach it. */
    private static final Set<Integer> OF_GATEWAYS = Set.of(502, 503, 504);

    private final Api api;
    private final Pace pace;
    private final Listener listener;
    private final List<ResourceWatch<?>> watches = new ArrayList<>();
    private final AtomicLong roundTripNs = new AtomicLong();
    private final AtomicLong heardAtNs;
    private final Thread heart = Thread.ofVirtual().name("api-heartbeat").unstarted(this::beat);

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final List<Kind<?>> kinds = new ArrayList<>();
    private boolean dirty;
    private boolean closed;

    ClusterWatch(Api api, Pace pace, Collection<String> namespaces, Listener listener) {
        this.api = api;
        this.pace = pace;
        this.listener = listener;
        this.heardAtNs = new AtomicLong(pace.nowNs());
        for (String namespace : namespaces) {
            String core = "/api/v1/namespaces/" + namespace + "/";
            String discovery = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/";
            add(ClusterTable.Service.class, core + "services", TableObjects::service);
            add(ClusterTable.Slice.class, discovery + "endpointslices", TableObjects::slice);
            add(ClusterTable.Pod.class, core + "pods", TableObjects::pod);
        }
    }

    private <T> void add(Class<T> type, String path, Function<JsonNode, Optional<T>> parser) {
        String doing =
                path.replaceFirst(
                        ".*/namespaces/(.*)/(.*)", "list and watch the $2 of namespace $1");
        Kind<T> kind = new Kind<>(type);
        kinds.add(kind);
        watches.add(
                new ResourceWatch<>(
                        api, pace, new ResourceWatch.Resource<>(doing, path, parser), kind));
    }

    void start() {
        watches.forEach(ResourceWatch::start);
        Thread.ofVirtual().name("cluster-table").start(this::publish);
        heart.start();
    }

    /** {@return how long the API server took to answer last, 0 before the first time} */
    public long roundTripNs() {
        return roundTripNs.get();
    }

    /** {@return when the API server said something last, by {@link System#nanoTime}} */
    public long heardAtNs() {
        return heardAtNs.get();
    }

    /** What is known of one resource in one namespace. */
    private final class Kind<T> implements ResourceWatch.Listener<T> {

        private final Class<T> type;

        // Guarded by the lock.
        private Map<String, T> objects = new HashMap<>();
        private boolean listed;
        private Optional<Long> failingSinceNs = Optional.empty();
        private Optional<TpException> failure = Optional.empty();

        Kind(Class<T> type) {
            this.type = type;
        }

        @Override
        public void replaced(Map<String, T> all) {
            update(
                    () -> {
                        boolean same = listed && objects.equals(all);
                        objects = all;
                        listed = true;
                        failingSinceNs = Optional.empty();
                        failure = Optional.empty();
                        heardAtNs.set(pace.nowNs());
                        return !same;
                    });
        }

        /** Most of what is told of pods is about what is not kept of them. */
        @Override
        public void changed(String name, Optional<T> object) {
            update(
                    () -> {
                        Optional<T> before =
                                Optional.ofNullable(
                                        object.isPresent()
                                                ? objects.put(name, object.get())
                                                : objects.remove(name));
                        return !before.equals(object);
                    });
        }

        /** What was listed counts until this has gone on for a while. */
        @Override
        public void failed(long sinceNs, TpException why) {
            update(
                    () -> {
                        long beganNs = failingSinceNs.orElse(sinceNs);
                        failingSinceNs = Optional.of(beganNs);
                        if (listed && pace.nowNs() - beganNs < LOSS_NS) {
                            return false;
                        }
                        listed = false;
                        failure = Optional.of(why);
                        return true;
                    });
        }
    }

    /**
     * @param change says whether there is something to tell
     */
    private void update(BooleanSupplier change) {
        lock.lock();
        try {
            if (change.getAsBoolean()) {
                dirty = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is to be told next. */
    private record News(Optional<ClusterTable> table, Optional<TpException> failure) {}

    private void publish() {
        try {
            for (News news = next(); !isClosed(); news = next()) {
                tell(news);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What one table does to the listener is not to keep the next from it. */
    private void tell(News news) {
        try {
            if (news.failure().isPresent()) {
                listener.lost(news.failure().get());
            } else {
                news.table().ifPresent(listener::changed);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "what the namespaces hold was not taken", e);
        }
    }

    private News next() throws InterruptedException {
        lock.lock();
        try {
            while (!dirty && !closed) {
                changed.await();
            }
            long left = GATHER_NS;
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            dirty = false;
            boolean whole = kinds.stream().allMatch(kind -> kind.listed);
            return new News(
                    whole ? Optional.of(table()) : Optional.empty(),
                    kinds.stream().flatMap(kind -> kind.failure.stream()).findFirst());
        } finally {
            lock.unlock();
        }
    }

    // Must hold the lock.
    private ClusterTable table() {
        return new ClusterTable(
                all(ClusterTable.Service.class),
                all(ClusterTable.Slice.class),
                all(ClusterTable.Pod.class));
    }

    // Must hold the lock.
    private <T> List<T> all(Class<T> type) {
        return kinds.stream()
                .filter(kind -> kind.type == type)
                .flatMap(kind -> kind.objects.values().stream())
                .map(type::cast)
                .toList();
    }

    private void beat() {
        try {
            for (pace.pause(BEAT); !isClosed(); pace.pause(BEAT)) {
                long startNs = pace.nowNs();
                if (answers()) {
                    heardAtNs.set(pace.nowNs());
                    roundTripNs.set(pace.nowNs() - startNs);
                } else {
                    watches.forEach(ResourceWatch::doubt);
                }
            }
        } catch (TpException e) {
            // It was closed while it waited.
        }
    }

    /** {@return whether the API server says anything, if only that it does not tell its version} */
    private boolean answers() {
        try {
            api.call("ask for its version", KubernetesClient::getKubernetesVersion);
            return true;
        } catch (TpException e) {
            int code = Failures.code(e);
            return code > 0 && !OF_GATEWAYS.contains(code);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the API server's version", e);
            return false;
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        update(() -> closed = true);
        watches.forEach(ResourceWatch::close);
        heart.interrupt();
    }
}
