package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tp.kube.KubeCluster;
import tp.kube.KubeSettings;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.transport.TransportContext;
import tp.tunnel.ClientSession;
import tp.tunnel.Welcome;

/**
 * Keeps a session with the manager.
 *
 * <pre>
 *   connect() ─► UP ──link lost──► DOWN ──attempt succeeds──► UP
 *                 └────────── close() ─────────┴──────────────► CLOSED
 * </pre>
 *
 * <p>Between UP and DOWN nothing of the host changes: who uses the session asks {@link #session()}
 * or waits in {@link #await}. One virtual thread at a time seeks a new link; one renews the token.
 */
public final class Connector implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Connector.class.getName());

    /** A token lives for 600 s; half of that leaves room for an API server that is away. */
    private static final long RENEWAL_NS = TimeUnit.SECONDS.toNanos(300);

    private static final long RENEWAL_RETRY_NS = TimeUnit.SECONDS.toNanos(15);

    private final Supplier<Cluster> clusterOpener;
    private final LinkOpener links;
    private final Providers providers;
    private final ConnectorSettings settings;
    private final ConnectorEvents events;
    private final NamespaceMapping mapping;
    private volatile NamedNamespaces named = NamedNamespaces.NONE;

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private @Nullable Cluster cluster;
    private @Nullable OpenLink current;
    private boolean closed;
    private long reconnects;
    private String lastTransport = "";

    /** Why the link was lost last. */
    private Optional<String> loss = Optional.empty();

    /** Why the latest attempt to replace it failed, while it is away. */
    private Optional<String> failure = Optional.empty();

    /** The link, for {@code tp status}. */
    public record LinkState(
            boolean up, String transport, long reconnects, Optional<String> lastError) {}

    /** {@return a connector that has opened nothing yet} */
    public static Connector of(
            KubeSettings kube,
            ConnectorSettings settings,
            Providers providers,
            ConnectorEvents events,
            EventLoopGroup loops) {
        return new Connector(
                () -> new KubeLink(KubeCluster.open(kube)),
                (link, hello, pin, listener) ->
                        new TunnelSession(ClientSession.open(link, hello, pin, listener, loops)),
                providers,
                settings,
                loops,
                events);
    }

    Connector(
            Supplier<Cluster> clusterOpener,
            SessionOpener opener,
            Providers providers,
            ConnectorSettings settings,
            EventLoopGroup loops,
            ConnectorEvents events) {
        this.clusterOpener = clusterOpener;
        this.providers = providers;
        this.settings = settings;
        this.events = events;
        providers.transports().requireKnown(settings.transport());
        mapping = mapping();
        links = new LinkOpener(opener, providers, settings, loops, mapping);
    }

    /**
     * Opens the cluster and the first session; returns when the manager has welcomed us.
     *
     * @throws TpException with what is in the way; this is to be closed then
     */
    public Welcome connect(Consumer<String> progress) {
        refuseUnmappedNamespace();
        progress.accept("Reaching the cluster ...");
        Cluster opened = clusterOpener.get();
        lock.lock();
        try {
            cluster = opened;
        } finally {
            lock.unlock();
        }
        NamespaceCheck check = NamespaceCheck.begin(namedNamespaces(), opened::lacksNamespace);
        ManagerInfo manager = findOrInstall(progress);
        progress.accept("Connecting to the manager " + manager.version() + " ...");
        OpenLink link = links.open(cluster(), manager, listener());
        if (!publish(link)) {
            throw new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "");
        }
        Thread.ofVirtual().name("token-renewal").start(this::renew);
        named = check.result();
        return link.session().welcome();
    }

    private Cluster cluster() {
        lock.lock();
        try {
            return Objects.requireNonNull(cluster, "connect() was not called");
        } finally {
            lock.unlock();
        }
    }

    public String context() {
        return cluster().context();
    }

    public String server() {
        return cluster().server();
    }

    /** {@return the namespace of names without a dot} */
    public String namespace() {
        return settings.namespace().orElseGet(() -> cluster().namespace());
    }

    public NamespaceMapping namespaceMapping() {
        return mapping;
    }

    /** {@return what is known of the namespaces that the user named} */
    public NamedNamespaces named() {
        return named;
    }

    private Collection<String> namedNamespaces() {
        return switch (mapping) {
            case NamespaceMapping.All all -> List.of(namespace());
            case NamespaceMapping.Listed listed -> listed.clusterNames().values();
        };
    }

    public Providers providers() {
        return providers;
    }

    /** {@return the open session, empty while there is none} */
    public Optional<ManagerSession> session() {
        lock.lock();
        try {
            return Optional.ofNullable(current).map(OpenLink::session);
        } finally {
            lock.unlock();
        }
    }

    /** {@return the open session, waited for while there is none, empty where the time is up} */
    public Optional<ManagerSession> await(long timeoutNs) throws InterruptedException {
        lock.lock();
        try {
            long left = timeoutNs;
            while (current == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return Optional.ofNullable(current).map(OpenLink::session);
        } finally {
            lock.unlock();
        }
    }

    public LinkState link() {
        lock.lock();
        try {
            return new LinkState(
                    current != null, lastTransport, reconnects, failure.or(() -> loss));
        } finally {
            lock.unlock();
        }
    }

    /** {@return what transports are judged by, empty while no manager is known} */
    public Optional<TransportContext> transportContext() {
        lock.lock();
        try {
            return Optional.ofNullable(current).map(at -> links.context(cluster(), at.manager()));
        } finally {
            lock.unlock();
        }
    }

    private NamespaceMapping mapping() {
        settings.namespace().ifPresent(Connector::requireLabel);
        return providers
                .namespaces()
                .choose(Optional.empty(), provider -> provider.assess(settings.namespaceRequest()))
                .getFirst()
                .found()
                .provider()
                .map(settings.namespaceRequest());
    }

    /** Names without a dot would lead nowhere. */
    private void refuseUnmappedNamespace() {
        if (mapping instanceof NamespaceMapping.Listed listed
                && settings.namespace().isPresent()
                && !listed.clusterNames().containsKey(settings.namespace().get())) {
            throw TpException.usage(
                    "namespace " + settings.namespace().get() + " is not mapped",
                    "add it to --mapped-namespaces");
        }
    }

    /** RFC 1123 §2.1 and RFC 1035 §2.3.4: what Kubernetes takes as the name of a namespace. */
    private static void requireLabel(String name) {
        if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw TpException.usage(
                    "\"" + name + "\" cannot be the name of a namespace",
                    "give lower-case letters, digits and hyphens");
        }
    }

    private ManagerInfo findOrInstall(Consumer<String> progress) {
        progress.accept("Looking for the manager in context " + context() + " ...");
        Optional<ManagerInfo> found = cluster().manager();
        if (found.isPresent()) {
            return found.get();
        }
        cluster().installManager(progress);
        return cluster()
                .manager()
                .orElseThrow(
                        () ->
                                TpException.environment(
                                        "the manager was installed and is not ready",
                                        "see `kubectl -n tp-system describe pods`"));
    }

    private LinkListener listener() {
        return new LinkListener(events, this::lost);
    }

    private void lost(LinkListener listener, String reason) {
        OpenLink link;
        lock.lock();
        try {
            link = current;
            if (closed || link == null || !link.listener().equals(listener)) {
                return;
            }
            current = null;
            loss = Optional.of(reason);
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.WARNING, "the link is lost: {0}", reason);
        link.close();
        events.lost(reason);
        reconnect();
    }

    private void reconnect() {
        Backoff backoff = new Backoff(RandomGenerator.getDefault());
        while (pause(backoff.nextNs())) {
            OpenLink link;
            try {
                link = links.open(cluster(), manager(), listener());
            } catch (RuntimeException e) {
                failed(e);
                continue;
            }
            if (publish(link)) {
                countReconnect();
                events.granted(link.session().welcome());
            }
            return;
        }
    }

    /** The manager may have moved, or been installed anew with another key, since the last time. */
    private ManagerInfo manager() {
        return cluster()
                .manager()
                .orElseThrow(
                        () -> TpException.environment("the manager is gone from the cluster", ""));
    }

    private void countReconnect() {
        lock.lock();
        try {
            reconnects++;
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.INFO, "the link is back");
    }

    private void failed(RuntimeException e) {
        String line = e instanceof TpException known ? known.line() : e.toString();
        lock.lock();
        try {
            if (failure.equals(Optional.of(line))) {
                return;
            }
            failure = Optional.of(line);
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.WARNING, "still no link: {0}", line);
    }

    /** {@return whether that session is in use now} Not so where this was closed meanwhile. */
    private boolean publish(OpenLink link) {
        boolean used;
        lock.lock();
        try {
            used = !closed;
            if (used) {
                current = link;
                lastTransport = link.transportId();
                failure = Optional.empty();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (!used) {
            link.close();
            return false;
        }
        // A session may end before it is in use; then nobody else would notice.
        link.listener().ended().ifPresent(link.listener()::closed);
        return true;
    }

    /** {@return whether to go on after that wait} */
    private boolean pause(long waitNs) {
        lock.lock();
        try {
            long left = waitNs;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void renew() {
        long waitNs = RENEWAL_NS;
        while (pause(waitNs)) {
            waitNs = RENEWAL_NS;
            OpenLink link;
            lock.lock();
            try {
                link = current;
            } finally {
                lock.unlock();
            }
            if (link == null) {
                continue;
            }
            try {
                link.session().renew(cluster().clientToken(link.manager()));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "no new token: {0}", e.getMessage());
                waitNs = RENEWAL_RETRY_NS;
            }
        }
    }

    @Override
    public void close() {
        OpenLink link;
        Cluster opened;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            link = current;
            current = null;
            opened = cluster;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (link != null) {
            link.close();
        }
        if (opened != null) {
            opened.close();
        }
    }
}
