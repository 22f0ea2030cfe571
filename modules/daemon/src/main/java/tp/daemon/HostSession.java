package tp.daemon;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tp.connector.Connector;
import tp.connector.LinkState;
import tp.connector.Scope;
import tp.control.ConnectSettings;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.StatusReport;
import tp.dns.ResolverZones;
import tp.host.Host;
import tp.host.HostRoutes;
import tp.kube.KubeSettings;
import tp.os.Route;
import tp.spi.common.AddressText;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.Endpoint;
import tp.tunnel.Welcome;

/** A session and what it did to this host. Made step by step by {@link SessionStarter}. */
final class HostSession implements RunningSession {

    private static final System.Logger LOG = System.getLogger(HostSession.class.getName());

    /** For whoever connects while there is no link; the seeker tries every ten seconds at least. */
    private static final long LINK_PATIENCE_NS = TimeUnit.SECONDS.toNanos(12);

    /**
     * What it is made of.
     *
     * @param resolver of the host, before anything was changed
     * @param before the host's routes, likewise
     */
    record Parts(
            ConnectSettings settings,
            Connector connector,
            Host host,
            ResolverEnvironment resolver,
            HostRoutes before,
            AddressPlan addresses) {}

    private final Parts parts;
    private final DevicePlan device;
    private final Teardown teardown;
    private final Intercepts intercepts = new Intercepts();

    private volatile Optional<Supplier<DataPlaneStatistics>> counted = Optional.empty();

    /** Routes are set one after the other. */
    private final ReentrantLock routing = new ReentrantLock();

    /** Guarded by the lock. */
    private HostRoutes hostRoutes;

    private volatile Welcome granted;
    private volatile List<String> mapped;
    private volatile ResolverZones zones;
    private volatile Optional<NameTakeover> names = Optional.empty();
    private volatile List<String> warnings = List.of();

    HostSession(Parts parts, DevicePlan device, Welcome granted, Teardown teardown) {
        this.parts = parts;
        this.device = device;
        this.granted = granted;
        mapped = parts.settings().mappedNamespaces();
        hostRoutes = parts.before();
        this.teardown = teardown;
        zones = zonesNow();
    }

    /** {@return whose names are the cluster's at this moment} */
    ResolverZones zones() {
        return zones;
    }

    private ResolverZones zonesNow() {
        Welcome welcome = granted;
        String zone = welcome.zone().clusterDomain();
        List<Cidr> ranges = parts.addresses().reverse();
        return switch (parts.connector().scope().mapping()) {
            case NamespaceMapping.All all -> ResolverZones.of(zone, welcome.namespaces(), ranges);
            case NamespaceMapping.Listed listed -> {
                Map<String, String> names = new HashMap<>(listed.clusterNames());
                names.values().retainAll(Set.copyOf(welcome.namespaces()));
                yield new ResolverZones(zone, names, ranges);
            }
        };
    }

    /** Says where the numbers of {@link #report} come from. */
    void countedBy(Supplier<DataPlaneStatistics> statistics) {
        counted = Optional.of(statistics);
    }

    DevicePlan device() {
        return device;
    }

    /** Takes what the manager grants; again whenever that changes. */
    void follow(Welcome welcome) {
        routing.lock();
        try {
            granted = welcome;
            route();
            offerNames();
        } finally {
            routing.unlock();
        }
    }

    /** Routes anew when this host has other routes than before: a VPN came up, or ended. */
    void reroute(HostRoutes now) {
        routing.lock();
        try {
            Set<Cidr> before = hostRanges();
            HostRoutes last = hostRoutes;
            hostRoutes = now;
            if (!hostRanges().equals(before)) {
                LOG.log(System.Logger.Level.INFO, "this host's routes have changed");
                try {
                    route();
                } catch (RuntimeException e) {
                    hostRoutes = last; // so that the next look tries again
                    throw e;
                }
            }
        } finally {
            routing.unlock();
        }
    }

    /** Leads the cluster's ranges into the device. */
    private void route() {
        Set<Cidr> routes =
                parts.addresses()
                        .update(
                                granted,
                                new RoutePlan.Surroundings(
                                        hostRanges(), keptAddresses(), device.hasIpv6()));
        zones = zonesNow();
        parts.host()
                .routes(routes)
                .forEach(note -> LOG.log(System.Logger.Level.INFO, "helper: {0}", note));
        LOG.log(
                System.Logger.Level.INFO,
                "routed: {0}, not routed: {1}",
                routes,
                parts.addresses().plan().skipped());
    }

    /** Makes this host ask tp for the cluster's names, and goes on seeing to it. */
    void takeOverNames(NameTakeover.Parts with) throws InterruptedException {
        NameTakeover takeover = new NameTakeover(with, offer(), parts.resolver());
        teardown.add("resolver", () -> parts.host().restore());
        takeover.begin();
        ResolverWatch watch = new ResolverWatch(device.sessionId(), takeover);
        teardown.add("resolver watch", watch.start());
        names = Optional.of(takeover);
        List<String> told =
                new ArrayList<>(
                        NamespaceWarnings.of(parts.connector().named(), granted.namespaces()));
        parts.addresses().rules().warning(granted.external()).ifPresent(told::add);
        Stream.of(takeover.error(), takeover.warning())
                .filter(line -> !line.isEmpty())
                .forEach(told::add);
        warnings = List.copyOf(told);
    }

    /** Before names are taken over nobody asks for them. */
    private void offerNames() {
        try {
            if (names.isPresent()) {
                names.get().offer(offer());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ResolverSettings offer() {
        return new ResolverSettings(
                device.name(), device.resolver(), search(), domains(), parts.addresses().reverse());
    }

    /** The namespaces of intercepts, the latest first, and then that of the whole session. */
    private List<String> search() {
        ResolverZones now = zones;
        return Stream.concat(
                        intercepts.namespaces().stream(),
                        parts.connector().scope().namespace().stream())
                .distinct()
                .filter(now.namespaces()::containsKey)
                .map(name -> name + ".svc." + now.clusterDomain())
                .toList();
    }

    private List<String> domains() {
        ResolverZones now = zones;
        return Stream.of(
                        Stream.of(now.clusterDomain(), "svc"),
                        now.namespaces().keySet().stream().sorted(),
                        parts.addresses().rules().also().names().stream())
                .flatMap(names -> names)
                .toList();
    }

    /** What the host has besides our device, without multicast, which nobody takes over. */
    private Set<Cidr> hostRanges() {
        Set<Cidr> ranges = new HashSet<>();
        hostRoutes.routes().stream()
                .filter(route -> route.kind() != Route.Kind.MULTICAST)
                .map(Route::destination)
                .forEach(ranges::add);
        hostRoutes.addresses().forEach(at -> ranges.add(at.address().subnet()));
        return ranges;
    }

    private Set<InetAddress> keptAddresses() {
        Set<InetAddress> kept = new HashSet<>();
        Stream.concat(
                        Stream.of(URI.create(parts.connector().server())),
                        parts.connector().endpoint().map(Endpoint::address).stream())
                .map(URI::getHost)
                .distinct()
                .forEach(host -> keep(host, kept));
        kept.addAll(parts.resolver().servers());
        kept.addAll(parts.resolver().upstreams());
        return kept;
    }

    private static void keep(String host, Set<InetAddress> kept) {
        try {
            kept.addAll(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException e) {
            // It was reached a moment ago, so that its name will be known again.
            LOG.log(System.Logger.Level.WARNING, "no address for {0}", host);
        }
    }

    @Override
    public Reply.Connected connected() {
        return connected(Reply.Found.NOTHING, warnings);
    }

    @Override
    public Reply.Connected again(ConnectSettings settings, Consumer<Reply.Progress> progress)
            throws InterruptedException {
        LinkState link = parts.connector().link();
        if (!link.up()) {
            progress.accept(
                    Reply.Progress.step(
                            "The link is lost ("
                                    + link.lastError().orElse("no reason is known")
                                    + "), waiting for it to come back ..."));
            if (parts.connector().await(LINK_PATIENCE_NS).isEmpty()) {
                throw linkIsAway();
            }
        }
        Scope now = parts.connector().scope();
        Scope wanted = wanted(settings, now);
        if (wanted.equals(now)) {
            return connected(Reply.Found.THE_SAME, List.of());
        }
        progress.accept(Reply.Progress.step("Changing the mapping ..."));
        Reply.Connected changed = changed(now, wanted);
        if (!settings.mappedNamespaces().isEmpty()) {
            mapped = settings.mappedNamespaces();
        }
        return changed;
    }

    /** A flag that is not given leaves what it is about as it is. */
    private Scope wanted(ConnectSettings settings, Scope now) {
        Connector connector = parts.connector();
        if (settings.mappedNamespaces().isEmpty()) {
            return new Scope(settings.namespace().or(now::namespace), now.mapping());
        }
        Scope mapped = connector.scope(settings.namespace(), settings.mappedNamespaces());
        Optional<String> kept = now.namespace().filter(mapped::maps);
        return new Scope(settings.namespace().or(() -> kept), mapped.mapping());
    }

    private Reply.Connected changed(Scope before, Scope wanted) {
        follow(parts.connector().change(wanted));
        List<String> told =
                new ArrayList<>(
                        NamespaceWarnings.of(parts.connector().named(), granted.namespaces()));
        Stream.concat(before.namespace().stream(), intercepts.namespaces().stream())
                .distinct()
                .filter(name -> !wanted.maps(name))
                .map(
                        name ->
                                "namespace '"
                                        + name
                                        + "' is no longer mapped; names without a dot do not lead"
                                        + " there any more")
                .forEach(told::add);
        return connected(Reply.Found.ANOTHER_MAPPING, told);
    }

    @Override
    public Reply.Intercepted intercept(String name, Optional<String> namespace) {
        String on = namespace.orElseGet(parts.connector()::contextNamespace);
        requireUsable(on);
        boolean fresh = intercepts.add(name, on);
        try {
            offerNames();
        } catch (RuntimeException e) {
            if (fresh) {
                intercepts.remove(name);
            }
            throw e;
        }
        return new Reply.Intercepted(new StatusReport.Intercept(name, on), !fresh);
    }

    private void requireUsable(String namespace) {
        Scope.requireLabel(namespace);
        if (!parts.connector().scope().maps(namespace)) {
            throw TpException.environment(
                    "namespace '" + namespace + "' is not mapped",
                    "map it with `tp connect --mapped-namespaces`");
        }
        if (!zones.namespaces().containsKey(namespace)) {
            throw TpException.environment(
                    "namespace '"
                            + namespace
                            + "' "
                            + (parts.connector().lacksNamespace(namespace)
                                    ? "does not exist in this cluster"
                                    : "is not granted to you"),
                    "see `tp status` for those that are");
        }
    }

    @Override
    public void leave(String name) {
        intercepts.remove(name);
        offerNames();
    }

    private TpException linkIsAway() {
        return new TpException(
                TpException.Category.TRANSIENT,
                "the session with context "
                        + parts.connector().context()
                        + " has lost its link and not got it back yet: "
                        + parts.connector().link().lastError().orElse("no reason is known"),
                "tp goes on trying, see `tp status`; to end it, run `tp quit`");
    }

    private Reply.Connected connected(Reply.Found found, List<String> told) {
        Connector connector = parts.connector();
        return new Reply.Connected(
                found,
                connector.context(),
                connector.server(),
                connector.scope().namespace(),
                told);
    }

    @Override
    public List<String> differing(ConnectSettings settings) {
        ConnectSettings own = parts.settings();
        Connector connector = parts.connector();
        Map<String, Boolean> same = new LinkedHashMap<>();
        same.put("--kubeconfig", settings.kubeconfig().equals(own.kubeconfig()));
        same.put("--context", same(settings.context(), own.context(), connector.context()));
        // Who names none takes any.
        same.put(
                "--service-account",
                anyOr(
                        settings.serviceAccount(),
                        own.serviceAccount().orElse(KubeSettings.USUAL_ACCOUNT)));
        same.put("--transport", anyOr(settings.transport(), connector.link().transport()));
        same.put(
                "--endpoint",
                settings.endpoints().isEmpty() || settings.endpoints().equals(own.endpoints()));
        same.put("--also-proxy", asked(settings).alsoProxy().equals(asked(own).alsoProxy()));
        same.put("--never-proxy", asked(settings).neverProxy().equals(asked(own).neverProxy()));
        same.put("--dns", anyOr(settings.dns(), strategy()));
        same.values().removeIf(Boolean::booleanValue);
        return List.copyOf(same.keySet());
    }

    private static ConnectSettings.Outside asked(ConnectSettings settings) {
        return settings.outside();
    }

    private static boolean anyOr(Optional<String> asked, String inUse) {
        return asked.isEmpty() || asked.get().equals(inUse);
    }

    /** Asked for in the same words, or by the name of what is in use anyway. */
    private static boolean same(Optional<String> asked, Optional<String> own, String inUse) {
        return asked.equals(own) || asked.equals(Optional.of(inUse));
    }

    @Override
    public StatusReport report() {
        Connector connector = parts.connector();
        LinkState link = connector.link();
        ResolverZones now = zones;
        return new StatusReport(
                new StatusReport.DaemonState(
                        true,
                        OptionalLong.of(parts.host().info().pid()),
                        parts.host().info().version()),
                Requests.self(),
                link.up()
                        ? StatusReport.SessionState.CONNECTED
                        : StatusReport.SessionState.RECONNECTING,
                new StatusReport.Cluster(
                        connector.server(),
                        connector.context(),
                        connector.scope().namespace().orElse(""),
                        now.namespaces().keySet().stream().sorted().toList(),
                        StatusParts.aliases(now)),
                new StatusReport.Dns(
                        strategy(),
                        AddressText.of(device.resolver()),
                        domains(),
                        search(),
                        names.map(NameTakeover::error).orElse(""),
                        considered()),
                StatusParts.routes(device.name(), parts.addresses()),
                StatusParts.link(link, connector.session(), granted),
                StatusParts.traffic(link.openFlows(), counted.map(Supplier::get)),
                intercepts.list());
    }

    private String strategy() {
        return names.map(NameTakeover::strategy).orElse("");
    }

    private List<StatusReport.Strategy> considered() {
        return names.map(NameTakeover::considered).orElse(List.of());
    }

    @Override
    public List<PluginEntry> plugins() {
        return PluginListing.of(
                parts.connector().providers(),
                parts.connector().transportContext(),
                parts.connector().link().transports(),
                new NamespaceRequest(mapped),
                new PluginListing.Names(parts.resolver(), considered()));
    }

    @Override
    public void close() {
        teardown.close();
    }
}
