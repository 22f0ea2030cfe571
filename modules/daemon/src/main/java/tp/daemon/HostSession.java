package tp.daemon;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tp.connector.Connector;
import tp.connector.LinkState;
import tp.connector.ManagerSession;
import tp.control.ConnectSettings;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.StatusReport;
import tp.dns.ResolverZones;
import tp.host.Host;
import tp.host.HostRoutes;
import tp.os.Route;
import tp.spi.common.AddressText;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceRequest;
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
            HostRoutes before) {}

    private final Parts parts;
    private final DevicePlan device;
    private final Teardown teardown;

    private volatile Optional<Supplier<DataPlaneStatistics>> counted = Optional.empty();
    private volatile Welcome granted;
    private volatile RoutePlan routes = RoutePlan.NONE;
    private volatile Optional<NameTakeover> names = Optional.empty();
    private volatile List<String> warnings = List.of();

    HostSession(Parts parts, DevicePlan device, Welcome granted, Teardown teardown) {
        this.parts = parts;
        this.device = device;
        this.granted = granted;
        this.teardown = teardown;
    }

    /** {@return whose names are the cluster's at this moment} */
    ResolverZones zones() {
        Welcome welcome = granted;
        String zone = welcome.zone().clusterDomain();
        List<Cidr> ranges = RoutePlan.clusterRanges(welcome);
        return switch (parts.connector().namespaceMapping()) {
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

    /** Leads the cluster's ranges into the device; again whenever they change. */
    void route(Welcome welcome) {
        granted = welcome;
        RoutePlan plan =
                RoutePlan.of(
                        RoutePlan.clusterRanges(welcome),
                        hostRanges(),
                        keptAddresses(),
                        device.hasIpv6());
        parts.host()
                .routes(plan.routes())
                .forEach(note -> LOG.log(System.Logger.Level.INFO, "helper: {0}", note));
        routes = plan;
        LOG.log(
                System.Logger.Level.INFO,
                "routed: {0}, not routed: {1}",
                plan.routes(),
                plan.skipped());
        try {
            if (names.isPresent()) {
                names.get().offer(offer());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes this host ask tp for the cluster's names, and goes on seeing to it. */
    void takeOverNames(NameTakeover.Parts with) throws InterruptedException {
        NameTakeover takeover = new NameTakeover(with, offer(), parts.resolver());
        teardown.add("resolver", () -> parts.host().restore());
        takeover.begin();
        ResolverWatch watch = new ResolverWatch(device.sessionId(), takeover);
        teardown.add("resolver watch", watch.start());
        names = Optional.of(takeover);
        warnings =
                Stream.concat(
                                NamespaceWarnings.of(
                                        parts.connector().named(), granted.namespaces())
                                        .stream(),
                                Stream.of(takeover.error(), takeover.warning()))
                        .filter(line -> !line.isEmpty())
                        .toList();
    }

    private ResolverSettings offer() {
        return new ResolverSettings(
                device.name(),
                device.resolver(),
                search(granted.zone().clusterDomain()),
                domains(),
                RoutePlan.clusterRanges(granted));
    }

    private List<String> search(String zone) {
        String namespace = parts.connector().namespace();
        return granted.namespaces().contains(namespace)
                ? List.of(namespace + ".svc." + zone)
                : List.of();
    }

    private List<String> domains() {
        return Stream.concat(
                        Stream.of(granted.zone().clusterDomain(), "svc"),
                        granted.namespaces().stream())
                .toList();
    }

    /** What the host had before, without loopback and multicast, which nobody takes over. */
    private Set<Cidr> hostRanges() {
        Set<Cidr> ranges = new HashSet<>();
        parts.before().routes().stream()
                .filter(route -> route.kind() != Route.Kind.MULTICAST)
                .map(Route::destination)
                .forEach(ranges::add);
        parts.before().addresses().forEach(at -> ranges.add(at.address().subnet()));
        return ranges;
    }

    private Set<InetAddress> keptAddresses() {
        Set<InetAddress> kept = new HashSet<>();
        String server = URI.create(parts.connector().server()).getHost();
        try {
            kept.addAll(List.of(InetAddress.getAllByName(server)));
        } catch (UnknownHostException e) {
            // It was reached a moment ago, so that its name will be known again.
            LOG.log(System.Logger.Level.WARNING, "no address for {0}", server);
        }
        kept.addAll(parts.resolver().servers());
        kept.addAll(parts.resolver().upstreams());
        return kept;
    }

    @Override
    public Reply.Connected connected() {
        return connected(false, warnings);
    }

    @Override
    public Reply.Connected again(Consumer<Reply.Progress> progress) throws InterruptedException {
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
        return connected(true, List.of());
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

    private Reply.Connected connected(boolean already, List<String> told) {
        Connector connector = parts.connector();
        return new Reply.Connected(
                already, connector.context(), connector.server(), connector.namespace(), told);
    }

    @Override
    public List<String> differing(ConnectSettings settings) {
        ConnectSettings own = parts.settings();
        Connector connector = parts.connector();
        Map<String, Boolean> same = new LinkedHashMap<>();
        same.put("--kubeconfig", settings.kubeconfig().equals(own.kubeconfig()));
        same.put("--context", same(settings.context(), own.context(), connector.context()));
        same.put("--namespace", same(settings.namespace(), own.namespace(), connector.namespace()));
        same.put(
                "--mapped-namespaces",
                Set.copyOf(settings.mappedNamespaces()).equals(Set.copyOf(own.mappedNamespaces())));
        // Who names none takes any.
        same.put("--transport", anyOr(settings.transport(), connector.link().transport()));
        same.put(
                "--endpoint",
                settings.endpoints().isEmpty() || settings.endpoints().equals(own.endpoints()));
        same.put("--dns", anyOr(settings.dns(), strategy()));
        same.values().removeIf(Boolean::booleanValue);
        return List.copyOf(same.keySet());
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
        RoutePlan plan = routes;
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
                        connector.namespace(),
                        granted.namespaces()),
                new StatusReport.Dns(
                        strategy(),
                        AddressText.of(device.resolver()),
                        domains(),
                        names.map(NameTakeover::error).orElse(""),
                        considered()),
                new StatusReport.Routes(
                        device.name(),
                        plan.routes().stream().map(Cidr::toString).toList(),
                        plan.skipped().stream()
                                .map(
                                        one ->
                                                new StatusReport.Skipped(
                                                        one.range().toString(), one.reason()))
                                .toList()),
                link(link),
                traffic(),
                0);
    }

    private String strategy() {
        return names.map(NameTakeover::strategy).orElse("");
    }

    private List<StatusReport.Strategy> considered() {
        return names.map(NameTakeover::considered).orElse(List.of());
    }

    private StatusReport.Traffic traffic() {
        int open = parts.connector().link().openFlows();
        return counted.map(Supplier::get)
                .map(plane -> new StatusReport.Traffic(open, plane.heldSyns(), plane.dials()))
                .orElse(StatusReport.Traffic.NONE);
    }

    private StatusReport.Link link(LinkState link) {
        long roundTripNs =
                parts.connector()
                        .session()
                        .map(ManagerSession::statistics)
                        .map(numbers -> numbers.roundTripNs())
                        .orElse(0L);
        return new StatusReport.Link(
                link.transport(),
                roundTripNs == 0 ? OptionalLong.empty() : OptionalLong.of(roundTripNs),
                granted.sessionId(),
                granted.managerVersion(),
                link.reconnects(),
                link.lastError(),
                link.transports().stream()
                        .map(
                                one ->
                                        new StatusReport.Transport(
                                                one.id(), one.verdict(), one.reason()))
                        .toList());
    }

    @Override
    public List<PluginEntry> plugins() {
        return PluginListing.of(
                parts.connector().providers(),
                parts.connector().transportContext(),
                parts.connector().link().transports(),
                new NamespaceRequest(parts.settings().mappedNamespaces()),
                new PluginListing.Names(parts.resolver(), considered()));
    }

    @Override
    public void close() {
        teardown.close();
    }
}
