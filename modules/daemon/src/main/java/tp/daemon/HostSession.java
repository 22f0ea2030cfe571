package tp.daemon;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import tp.connector.Connector;
import tp.connector.LinkState;
import tp.connector.Scope;
import tp.control.ConnectSettings;
import tp.control.FlowEntry;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.StatusReport;
import tp.dns.ResolverZones;
import tp.host.Host;
import tp.host.HostRoutes;
import tp.host.HostSettings;
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
     * @param place where the device is
     * @param resolver of the host, before anything was changed
     * @param before the routes that were there, likewise
     */
    record Parts(
            ConnectSettings settings,
            Connector connector,
            Host host,
            HostSettings.Place place,
            ResolverEnvironment resolver,
            HostRoutes before,
            AddressPlan addresses) {

        boolean isOnHost() {
            return place == HostSettings.Place.HOST;
        }
    }

    private final Parts parts;
    private final DevicePlan device;
    private final Teardown teardown;
    private final Intercepts intercepts = new Intercepts();

    private volatile Optional<DataPlane> carrier = Optional.empty();
    private volatile Function<InetAddress, Optional<String>> nameOf = address -> Optional.empty();

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
    void carriedBy(DataPlane plane, Function<InetAddress, Optional<String>> names) {
        carrier = Optional.of(plane);
        nameOf = names;
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
        // Before that begins: what changes meanwhile has to be seen.
        HostFilesWatch files = new HostFilesWatch(HostFilesWatch.Seen.with(parts.resolver()));
        teardown.add("resolver", () -> parts.host().restore());
        takeover.begin();
        if (!parts.isOnHost() && !takeover.error().isEmpty()) {
            // Nobody but the program that is to run would use the session.
            throw TpException.environment(
                    takeover.error(), "use `tp connect` for the whole machine");
        }
        teardown.add(
                "resolver watch",
                parts.isOnHost()
                        ? new ResolverWatch(device.sessionId(), takeover).start()
                        : files.start(takeover));
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
                        Stream.of(now.clusterDomain(), "svc", "pod"),
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

    /** What must be reached outside the tunnel; out of a namespace the daemon is that anyway. */
    private Set<InetAddress> keptAddresses() {
        Set<InetAddress> kept = new HashSet<>();
        if (!parts.isOnHost()) {
            return kept;
        }
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
        boolean moved = moved(settings, progress);
        awaitLink(progress);
        Scope now = parts.connector().scope();
        Scope wanted = wanted(settings, now);
        if (wanted.equals(now)) {
            return connected(Reply.Found.of(false, moved), List.of());
        }
        progress.accept(Reply.Progress.step("Changing the mapping ..."));
        List<String> told = changed(now, wanted);
        if (!settings.mappedNamespaces().isEmpty()) {
            mapped = settings.mappedNamespaces();
        }
        return connected(Reply.Found.of(true, moved), told);
    }

    /** {@return whether the session goes on over another transport} */
    private boolean moved(ConnectSettings settings, Consumer<Reply.Progress> progress) {
        if (settings.transport().isEmpty() || parts.connector().isDirect()) {
            return false;
        }
        String wanted = settings.transport().get();
        LinkState link = parts.connector().link();
        if (!link.up() || !link.transport().equals(wanted)) {
            progress.accept(Reply.Progress.step("Moving to the transport " + wanted + " ..."));
        }
        return parts.connector().use(wanted);
    }

    private void awaitLink(Consumer<Reply.Progress> progress) throws InterruptedException {
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

    /** {@return what to tell of it} */
    private List<String> changed(Scope before, Scope wanted) {
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
        return told;
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
                parts.isOnHost()
                        ? OptionalLong.empty()
                        : OptionalLong.of(parts.host().info().pid()),
                told);
    }

    @Override
    public List<String> differing(ConnectSettings settings) {
        return new SettingsInUse(parts.settings(), parts.connector(), strategy())
                .differing(settings);
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
                StatusParts.traffic(link, carrier.map(DataPlane::statistics)),
                intercepts.list());
    }

    @Override
    public List<FlowEntry> flows() {
        return carrier.map(DataPlane::flows).orElse(List.of()).stream()
                .sorted(Comparator.comparingLong(LiveFlow::ageNs).reversed())
                .map(flow -> flow.entry(nameOf.apply(flow.target()).orElse("")))
                .toList();
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
