package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import tp.incluster.ApiException;
import tp.incluster.ClusterApi;
import tp.incluster.ClusterObject;
import tp.incluster.ResourceKind;
import tp.incluster.Subscription;
import tp.incluster.WatchListener;
import tp.spi.common.AddressText;
import tp.spi.common.Cidr;

/**
 * Follows the cluster: keeps the {@link AddressBook}, and tells a listener of what all sessions
 * share. Changes that come together are told together.
 */
final class ClusterView implements AutoCloseable {

    /** Told on one thread, one call after the other. */
    interface Listener {
        void changed(ClusterFacts facts);

        /** An address became another namespace's: open flows may be forbidden now. */
        void moved();
    }

    private static final System.Logger LOG = System.getLogger(ClusterView.class.getName());
    private static final Duration TOGETHER = Duration.ofMillis(200);

    private final ClusterApi api;
    private final Coverage coverage;
    private final Listener listener;
    private final AddressBook book = new AddressBook(this::moved);
    private final Set<String> namespaces = ConcurrentHashMap.newKeySet();
    private final Map<String, List<Cidr>> serviceCidrs = new ConcurrentHashMap<>();

    /** Ranges of services that were found out in another way. */
    private volatile List<Cidr> told = List.of();

    private final List<Subscription> watches = new ArrayList<>();
    private final CountDownLatch ready;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Semaphore dirty = new Semaphore(0);
    private final AtomicBoolean moved = new AtomicBoolean();
    private final Thread teller = Thread.ofVirtual().name("tp-view").unstarted(this::tell);
    private volatile ClusterFacts facts = ClusterFacts.NONE;

    ClusterView(ClusterApi api, Coverage coverage, Listener listener) {
        this.api = api;
        this.coverage = coverage;
        this.listener = listener;
        ready =
                new CountDownLatch(
                        switch (coverage) {
                            case Coverage.WholeCluster ignored -> 6;
                            case Coverage.Namespaces some -> 2 * some.names().size();
                        });
    }

    void start() {
        switch (coverage) {
            case Coverage.WholeCluster ignored -> followAll();
            case Coverage.Namespaces some -> {
                namespaces.addAll(some.names());
                some.names().forEach(this::followIn);
            }
        }
        teller.start();
    }

    private void followAll() {
        follow(ResourceKind.NAMESPACES, ClusterObject.Namespace.class, false);
        follow(ResourceKind.SERVICES, ClusterObject.Service.class, false);
        follow(ResourceKind.ENDPOINT_SLICES, ClusterObject.EndpointSlice.class, false);
        follow(ResourceKind.PODS, ClusterObject.Pod.class, false);
        // Not there before Kubernetes 1.33, or not allowed: then there are other ways to know.
        follow(ResourceKind.SERVICE_CIDRS, ClusterObject.ServiceCidr.class, true);
        follow(ResourceKind.NODES, ClusterObject.Node.class, true);
    }

    /**
     * One namespace that is gone, or whose Role is, does not keep the others away. Endpoints are
     * not asked for: whoever writes them may name what is of a namespace that is not seen here.
     */
    private void followIn(String namespace) {
        follow(ResourceKind.SERVICES.in(namespace), ClusterObject.Service.class, true);
        follow(ResourceKind.PODS.in(namespace), ClusterObject.Pod.class, true);
    }

    /** {@return whether everything was listed once} */
    boolean awaitReady(Duration bound) throws InterruptedException {
        if (!ready.await(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        if (serviceCidrs.isEmpty() && coverage instanceof Coverage.WholeCluster) {
            told = serviceRanges();
        }
        facts = current();
        return true;
    }

    /** Asked for once: such a range stays as long as its API server runs with it. */
    private List<Cidr> serviceRanges() {
        List<Cidr> found = List.of();
        try {
            found = api.serviceRanges();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "ranges of services: {0}", e.getMessage());
        }
        LOG.log(
                System.Logger.Level.INFO,
                "no ServiceCIDR is seen; services are in {0}",
                found.isEmpty() ? "what is theirs one by one" : found);
        return found;
    }

    AddressBook book() {
        return book;
    }

    ClusterFacts facts() {
        return facts;
    }

    /** {@return the namespaces of those who have the address at this moment} */
    Set<String> lookUp(InetAddress address) throws IOException {
        return switch (coverage) {
            case Coverage.WholeCluster ignored ->
                    lookUp(address, ResourceKind.PODS, ResourceKind.SERVICES);
            case Coverage.Namespaces some -> {
                Set<String> found = new HashSet<>();
                for (String name : some.names()) {
                    found.addAll(
                            lookUp(
                                    address,
                                    ResourceKind.PODS.in(name),
                                    ResourceKind.SERVICES.in(name)));
                }
                yield found;
            }
        };
    }

    private Set<String> lookUp(
            InetAddress address,
            ResourceKind<ClusterObject.Pod> pods,
            ResourceKind<ClusterObject.Service> services)
            throws IOException {
        String literal = AddressText.of(address);
        Set<String> found = new HashSet<>();
        for (ClusterObject.Pod pod : api.find(pods, "status.podIP=" + literal)) {
            if (pod.addresses().contains(address) && !pod.hostNetwork() && !pod.finished()) {
                found.add(pod.namespace());
            }
        }
        if (found.isEmpty()) {
            for (ClusterObject.Service service : api.find(services, "spec.clusterIP=" + literal)) {
                if (service.clusterIps().contains(address)) {
                    found.add(service.namespace());
                }
            }
        }
        return found;
    }

    @Override
    public void close() {
        teller.interrupt();
        watches.forEach(Subscription::close);
    }

    private <T extends ClusterObject> void follow(
            ResourceKind<T> kind, Class<T> type, boolean optional) {
        watches.add(
                api.watch(
                        kind,
                        new WatchListener<T>() {
                            @Override
                            public void replaced(List<T> all) {
                                ClusterView.this.replaced(kind, type, all);
                                listed(kind);
                            }

                            @Override
                            public void changed(T object) {
                                put(object);
                                dirty.release();
                            }

                            @Override
                            public void removed(T object) {
                                remove(object);
                                dirty.release();
                            }

                            @Override
                            public void denied(ApiException why) {
                                LOG.log(
                                        optional && kind.namespace().isEmpty()
                                                ? System.Logger.Level.INFO
                                                : System.Logger.Level.ERROR,
                                        "cannot list {0}: {1}",
                                        kind,
                                        why.getMessage());
                                if (optional) {
                                    listed(kind);
                                }
                            }
                        }));
    }

    private void listed(ResourceKind<?> kind) {
        if (seen.add(kind.toString())) {
            ready.countDown();
        }
        dirty.release();
    }

    private <T extends ClusterObject> void replaced(
            ResourceKind<T> kind, Class<T> type, List<T> all) {
        if (type == ClusterObject.Namespace.class) {
            Set<String> now = new HashSet<>();
            all.forEach(object -> now.add(object.key()));
            namespaces.retainAll(now);
            namespaces.addAll(now);
        } else if (type == ClusterObject.ServiceCidr.class) {
            serviceCidrs.clear();
            all.forEach(this::put);
        } else {
            book.replace(type, kind.namespace(), all);
        }
    }

    private void put(ClusterObject object) {
        if (object instanceof ClusterObject.Namespace namespace) {
            namespaces.add(namespace.name());
        } else if (object instanceof ClusterObject.ServiceCidr range) {
            serviceCidrs.put(range.name(), range.cidrs());
        } else {
            book.put(object);
        }
    }

    private void remove(ClusterObject object) {
        if (object instanceof ClusterObject.Namespace namespace) {
            namespaces.remove(namespace.name());
        } else if (object instanceof ClusterObject.ServiceCidr range) {
            serviceCidrs.remove(range.name());
        } else {
            book.remove(object);
        }
    }

    private void moved() {
        moved.set(true);
        dirty.release();
    }

    private ClusterFacts current() {
        List<Cidr> ranges = serviceCidrs.values().stream().flatMap(List::stream).toList();
        return new ClusterFacts(
                namespaces,
                Ranges.withEach(ranges.isEmpty() ? told : ranges, book.clusterIps()),
                Ranges.with(book.nodePodCidrs(), book.podAddresses()));
    }

    private void tell() {
        try {
            while (true) {
                dirty.acquire();
                Thread.sleep(TOGETHER);
                dirty.drainPermits();
                ClusterFacts now = current();
                boolean changed = !now.equals(facts);
                facts = now;
                if (changed) {
                    listener.changed(now);
                }
                if (moved.getAndSet(false)) {
                    listener.moved();
                }
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }
}
