package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
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
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.MappingRequest;
import tp.tunnel.ServerPin;
import tp.tunnel.SessionListener;
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
    private final SessionOpener opener;
    private final Providers providers;
    private final ConnectorSettings settings;
    private final ConnectorEvents events;
    private final NamespaceMapping mapping;

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private @Nullable Cluster cluster;
    private @Nullable Attachment current;
    private boolean closed;
    private long reconnects;
    private String lastTransport = "";

    /** Why the link was lost last. */
    private Optional<String> loss = Optional.empty();

    /** Why the latest attempt to replace it failed, while it is away. */
    private Optional<String> failure = Optional.empty();

    /** A session and what it runs over. */
    private record Attachment(
            ManagerSession session,
            String transportId,
            Transport transport,
            ManagerInfo manager,
            Attacher listener) {

        void close() {
            session.close();
            transport.close();
        }
    }

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
                (pipe, hello, pin, listener) ->
                        new TunnelSession(ClientSession.open(pipe, hello, pin, listener, loops)),
                providers,
                settings,
                events);
    }

    Connector(
            Supplier<Cluster> clusterOpener,
            SessionOpener opener,
            Providers providers,
            ConnectorSettings settings,
            ConnectorEvents events) {
        this.clusterOpener = clusterOpener;
        this.opener = opener;
        this.providers = providers;
        this.settings = settings;
        this.events = events;
        providers.transports().requireKnown(settings.transport());
        mapping = mapping();
    }

    /**
     * Opens the cluster and the first session; returns when the manager has welcomed us.
     *
     * @throws TpException with what is in the way; this is to be closed then
     */
    public Welcome connect(Consumer<String> progress) {
        refuseUnmappedNamespace();
        Cluster opened = clusterOpener.get();
        lock.lock();
        try {
            cluster = opened;
        } finally {
            lock.unlock();
        }
        ManagerInfo manager = findOrInstall(progress);
        progress.accept("Connecting to the manager " + manager.version() + " ...");
        Attachment attachment = attach(manager);
        if (!publish(attachment)) {
            throw new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "");
        }
        Thread.ofVirtual().name("token-renewal").start(this::renew);
        return attachment.session().welcome();
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

    public Providers providers() {
        return providers;
    }

    /** {@return the open session, empty while there is none} */
    public Optional<ManagerSession> session() {
        lock.lock();
        try {
            return Optional.ofNullable(current).map(Attachment::session);
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
            return Optional.ofNullable(current).map(Attachment::session);
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
            return Optional.ofNullable(current)
                    .map(at -> new TransportContext(cluster().access(), at.manager().location()));
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
        Optional<ManagerInfo> found = cluster().manager();
        if (found.isPresent()) {
            return found.get();
        }
        progress.accept("Installing the manager ...");
        cluster().installManager(progress);
        return cluster()
                .manager()
                .orElseThrow(
                        () ->
                                TpException.environment(
                                        "the manager was installed and is not ready",
                                        "see `kubectl -n tp-system describe pods`"));
    }

    private Attachment attach(ManagerInfo manager) {
        TransportContext context = new TransportContext(cluster().access(), manager.location());
        List<Assessed<TransportProvider>> candidates =
                providers
                        .transports()
                        .choose(settings.transport(), provider -> provider.assess(context));
        StringBuilder failures = new StringBuilder();
        for (Assessed<TransportProvider> candidate : candidates) {
            String id = candidate.found().id();
            try {
                return attach(manager, id, candidate.found().provider().create(context));
            } catch (IOException e) {
                failures.append(failures.isEmpty() ? "" : ", ").append(id).append(": ");
                failures.append(e.getMessage());
                LOG.log(System.Logger.Level.INFO, "transport {0}: {1}", id, e.getMessage());
            }
        }
        throw new TpException(
                TpException.Category.TRANSIENT,
                "the manager cannot be reached (" + failures + ")",
                "see whether its pod runs: kubectl -n tp-system get pods");
    }

    /**
     * @throws IOException where another transport may do better; anything that touches trust is a
     *     {@link TpException} and ends the attempt
     */
    private Attachment attach(ManagerInfo manager, String id, Transport transport)
            throws IOException {
        Attacher listener = new Attacher();
        ClientHello hello =
                new ClientHello(settings.version(), cluster().clientToken(manager), request());
        try {
            ManagerSession session =
                    opener.open(
                            transport.open(), hello, new ServerPin(manager.spkiSha256()), listener);
            return new Attachment(session, id, transport, manager, listener);
        } catch (TpException e) {
            transport.close();
            if (e.category() == TpException.Category.TRANSIENT) {
                throw new IOException(e.getMessage(), e);
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    private MappingRequest request() {
        return switch (mapping) {
            case NamespaceMapping.All all -> MappingRequest.everything();
            case NamespaceMapping.Listed listed ->
                    MappingRequest.of(List.copyOf(listed.clusterNames().values()));
        };
    }

    /** Knows whether the session that it listens to has ended. */
    private final class Attacher implements SessionListener {

        private volatile @Nullable String ended;

        @Override
        public void updated(Welcome welcome) {
            events.granted(welcome);
        }

        @Override
        public void closed(String reason) {
            ended = reason;
            Thread.ofVirtual().name("reconnect").start(() -> lost(this, reason));
        }
    }

    private void lost(Attacher listener, String reason) {
        Attachment attachment;
        lock.lock();
        try {
            attachment = current;
            if (closed || attachment == null || !attachment.listener().equals(listener)) {
                return;
            }
            current = null;
            loss = Optional.of(reason);
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.WARNING, "the link is lost: {0}", reason);
        attachment.close();
        events.lost(reason);
        reconnect();
    }

    private void reconnect() {
        Backoff backoff = new Backoff(RandomGenerator.getDefault());
        while (pause(backoff.nextNs())) {
            Attachment attachment;
            try {
                attachment = attach(manager());
            } catch (RuntimeException e) {
                failed(e);
                continue;
            }
            if (publish(attachment)) {
                countReconnect();
                events.granted(attachment.session().welcome());
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
    private boolean publish(Attachment attachment) {
        boolean used;
        lock.lock();
        try {
            used = !closed;
            if (used) {
                current = attachment;
                lastTransport = attachment.transportId();
                failure = Optional.empty();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (!used) {
            attachment.close();
            return false;
        }
        // A session may end before it is in use; then nobody else would notice.
        String ended = attachment.listener().ended;
        if (ended != null) {
            attachment.listener().closed(ended);
        }
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
            Attachment attachment;
            lock.lock();
            try {
                attachment = current;
            } finally {
                lock.unlock();
            }
            if (attachment == null) {
                continue;
            }
            try {
                attachment.session().renew(cluster().clientToken(attachment.manager()));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "no new token: {0}", e.getMessage());
                waitNs = RENEWAL_RETRY_NS;
            }
        }
    }

    @Override
    public void close() {
        Attachment attachment;
        Cluster opened;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            attachment = current;
            current = null;
            opened = cluster;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (attachment != null) {
            attachment.close();
        }
        if (opened != null) {
            opened.close();
        }
    }
}
