package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tp.kube.Delivery;
import tp.kube.KubeCluster;
import tp.kube.KubeSettings;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.Endpoint;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
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
 * or waits in {@link #await}. UP goes on while a better link takes the place of the one in use.
 */
public final class Connector implements AutoCloseable {

    /**
     * What a connector works with.
     *
     * @param loops of the sessions, and of transports that are made of Netty
     */
    public record Surroundings(
            Providers providers,
            NetworkMemory memory,
            ConnectorEvents events,
            EventLoopGroup loops) {}

    private final Supplier<Cluster> clusterOpener;

    /** Present where no manager is to be used. */
    private final Optional<TableNames> direct;

    private final LinkOpener links;
    private final Surroundings surroundings;
    private final Pace pace;
    private final String version;
    private volatile Scope scope;
    private volatile NamedNamespaces named = NamedNamespaces.NONE;

    /** Guards all below. */
    private final Object lock = new Object();

    private Optional<Cluster> cluster = Optional.empty();
    private Optional<SessionKeeper> keeper = Optional.empty();
    private boolean closed;

    /**
     * {@return a connector that has opened nothing yet}
     *
     * @param delivery how the manager's code comes into a cluster that has none
     */
    public static Connector of(
            KubeSettings kube,
            Delivery delivery,
            ConnectorSettings settings,
            Surroundings surroundings) {
        return new Connector(
                () -> new KubeLink(KubeCluster.open(kube), Optional.of(delivery)),
                TunnelSession.opener(surroundings.loops()),
                settings,
                surroundings,
                Pace.USUAL,
                Optional.empty());
    }

    /**
     * {@return a connector that needs no manager, and has opened nothing yet}
     *
     * @param names answers what the cluster's DNS would
     */
    public static Connector direct(
            KubeSettings kube,
            ConnectorSettings settings,
            Surroundings surroundings,
            TableNames names) {
        return new Connector(
                () -> new KubeLink(KubeCluster.open(kube), Optional.empty()),
                TunnelSession.opener(surroundings.loops()),
                settings,
                surroundings,
                Pace.USUAL,
                Optional.of(names));
    }

    Connector(
            Supplier<Cluster> clusterOpener,
            SessionOpener opener,
            ConnectorSettings settings,
            Surroundings surroundings,
            Pace pace,
            Optional<TableNames> direct) {
        this.direct = direct;
        this.clusterOpener = clusterOpener;
        this.surroundings = surroundings;
        this.pace = pace;
        version = settings.version();
        Point<TransportProvider> transports = surroundings.providers().transports();
        transports.requireKnown(settings.transport());
        requireUsable(settings.endpoints(), transports);
        scope = scope(settings.namespace(), settings.mapped());
        links =
                new LinkOpener(
                        new LinkOpener.Means(
                                opener,
                                surroundings.loops(),
                                surroundings.memory(),
                                pace,
                                System::nanoTime),
                        transports,
                        settings,
                        scope.request());
    }

    private static void requireUsable(
            List<Endpoint> endpoints, Point<TransportProvider> transports) {
        Set<String> known = new TreeSet<>();
        transports.found().forEach(one -> known.addAll(one.provider().schemes()));
        for (Endpoint endpoint : endpoints) {
            if (!known.contains(endpoint.address().getScheme())) {
                throw TpException.usage(
                        "no transport takes the endpoint " + endpoint.address(),
                        "known are: " + String.join("://, ", known) + "://");
            }
        }
    }

    /**
     * Opens the cluster, once; returns when the API server has answered.
     *
     * @throws TpException with what is in the way; this is to be closed then
     */
    public void reach(Consumer<String> progress) {
        progress.accept("Reaching the cluster ...");
        Cluster opened = clusterOpener.get();
        keep(opened, keeper(opened));
    }

    private SessionKeeper keeper(Cluster opened) {
        return direct.<SessionKeeper>map(
                        names ->
                                new ApiLink(
                                        new ApiLink.Parts(
                                                opened,
                                                surroundings.events(),
                                                names,
                                                surroundings.loops().next(),
                                                System::nanoTime)))
                .orElseGet(
                        () ->
                                new Uplink(
                                        new Uplink.Parts(
                                                links,
                                                surroundings.events(),
                                                opened,
                                                this::manager,
                                                pace.look())));
    }

    /**
     * Opens the first session, after {@link #reach}; returns when the manager has welcomed us.
     *
     * @throws TpException with what is in the way; this is to be closed then
     */
    public Welcome connect(Consumer<String> progress) {
        return switch (keeper().orElseThrow()) {
            case ApiLink link -> connect(link, progress);
            case Uplink link -> connect(link, progress);
        };
    }

    /** Of the namespaces only those are asked for that are mapped: no other right is needed. */
    private Welcome connect(ApiLink link, Consumer<String> progress) {
        progress.accept("Listing what the mapped namespaces hold ...");
        if (scope.mapping() instanceof NamespaceMapping.All) {
            String alone = scope.namespace().orElseGet(this::contextNamespace);
            scope = scope(scope.namespace(), List.of(alone));
        }
        return link.open(scope.request());
    }

    private Welcome connect(Uplink link, Consumer<String> progress) {
        Cluster opened = cluster();
        NamespaceCheck check = NamespaceCheck.begin(scope.named(), opened::lacksNamespace);
        ManagerInfo manager = findOrInstall(progress);
        VersionSkew.require(version, manager.version());
        progress.accept("Connecting to the manager " + manager.version() + " ...");
        Welcome welcome = link.open(manager);
        named = check.result();
        return welcome;
    }

    private void keep(Cluster opened, SessionKeeper link) {
        synchronized (lock) {
            if (!closed) {
                cluster = Optional.of(opened);
                keeper = Optional.of(link);
                return;
            }
        }
        opened.close();
        throw new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "");
    }

    private Cluster cluster() {
        synchronized (lock) {
            return cluster.orElseThrow(() -> new IllegalStateException("reach() was not called"));
        }
    }

    public String context() {
        return cluster().context();
    }

    public String server() {
        return cluster().server();
    }

    /** {@return the namespace of the kubeconfig's context} */
    public String contextNamespace() {
        return cluster().namespace();
    }

    /** {@return what of the cluster exists here at this moment} */
    public Scope scope() {
        return scope;
    }

    /**
     * {@return what these words ask for}
     *
     * @param mapped the values of {@code --mapped-namespaces}
     * @throws TpException where they make no sense
     */
    public Scope scope(Optional<String> namespace, List<String> mapped) {
        NamespaceRequest request = new NamespaceRequest(mapped);
        return new Scope(
                namespace,
                surroundings
                        .providers()
                        .namespaces()
                        .choose(Optional.empty(), provider -> provider.assess(request))
                        .getFirst()
                        .found()
                        .provider()
                        .map(request));
    }

    /**
     * Changes what is mapped while the session goes on; blocks until it holds, for open flows too.
     *
     * @return what the manager grants now
     * @throws TpException where it refuses or does not answer; then all is as before
     */
    public Welcome change(Scope wanted) {
        SessionKeeper link = keeper().orElseThrow(() -> new IllegalStateException("not connected"));
        NamespaceCheck check = NamespaceCheck.begin(asked(wanted), this::lacksNamespace);
        Welcome granted =
                wanted.mapping().equals(scope.mapping()) && link.session().isPresent()
                        ? link.session().get().welcome()
                        : link.remap(wanted.request());
        scope = wanted;
        named = check.result();
        return granted;
    }

    /**
     * Goes on over that transport, open flows too, and over no other from now on; blocks until it
     * is in use.
     *
     * @return whether it was another before
     * @throws TpException where it does not get there; then all is as before
     */
    public boolean use(String transport) {
        return keeper().orElseThrow(() -> new IllegalStateException("not connected"))
                .use(transport);
    }

    /** Without a manager nobody needs the right to read namespaces. */
    private Collection<String> asked(Scope wanted) {
        return isDirect() ? List.of() : wanted.named();
    }

    /** {@return whether there is to be no manager} */
    public boolean isDirect() {
        return direct.isPresent();
    }

    /** {@return whether the cluster says that it has no such namespace} May block. */
    public boolean lacksNamespace(String name) {
        return !isDirect() && cluster().lacksNamespace(name);
    }

    /** {@return what is known of the namespaces that the user named} */
    public NamedNamespaces named() {
        return named;
    }

    public Providers providers() {
        return surroundings.providers();
    }

    /** {@return the open session, empty while there is none} */
    public Optional<ClusterSession> session() {
        return keeper().flatMap(SessionKeeper::session);
    }

    /**
     * {@return the session that a new TCP flow is to take, empty while there is none} It is the
     * open one, or one beside it where the transport is better with several.
     */
    public Optional<ClusterSession> sessionForFlow() {
        return keeper().flatMap(SessionKeeper::sessionForFlow);
    }

    /** {@return the open session, waited for while there is none, empty where the time is up} */
    public Optional<ClusterSession> await(long timeoutNs) throws InterruptedException {
        return await(Optional.empty(), timeoutNs);
    }

    /**
     * {@return the same, but not one that has ended, which may not be known here yet}
     *
     * @param lost that one
     */
    public Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
            throws InterruptedException {
        Optional<SessionKeeper> link = keeper();
        return link.isPresent() ? link.get().await(lost, timeoutNs) : Optional.empty();
    }

    public LinkState link() {
        return keeper().map(SessionKeeper::state).orElse(LinkState.NONE);
    }

    /** {@return where the link in use leads; empty where that is the API server} */
    public Optional<Endpoint> endpoint() {
        return keeper().flatMap(SessionKeeper::endpoint);
    }

    /** {@return the namespace of the manager in the cluster, empty while none is known} */
    public String managerNamespace() {
        return keeper().flatMap(SessionKeeper::target)
                .map(target -> target.manager().location().namespace())
                .orElse("");
    }

    /** {@return what transports are judged by, empty while no manager is known} */
    public Optional<TransportContext> transportContext() {
        return keeper().flatMap(SessionKeeper::target).map(links::context);
    }

    private Optional<SessionKeeper> keeper() {
        synchronized (lock) {
            return keeper;
        }
    }

    private ManagerInfo findOrInstall(Consumer<String> progress) {
        progress.accept("Looking for the manager in context " + context() + " ...");
        Optional<ManagerInfo> found = cluster().manager(progress);
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
                                        "see `kubectl describe pods` in its namespace"));
    }

    private ManagerInfo manager() {
        return cluster()
                .manager()
                .orElseThrow(
                        () -> TpException.environment("the manager is gone from the cluster", ""));
    }

    @Override
    public void close() {
        Optional<Cluster> opened;
        Optional<SessionKeeper> link;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            opened = cluster;
            link = keeper;
        }
        link.ifPresent(SessionKeeper::close);
        opened.ifPresent(Cluster::close);
    }
}
