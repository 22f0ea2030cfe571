package tp.daemon;

import io.netty.channel.EventLoopGroup;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import tp.connector.Assessed;
import tp.connector.Connector;
import tp.connector.ConnectorSettings;
import tp.connector.Providers;
import tp.control.Build;
import tp.control.ConnectSettings;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.RuntimeDirectory;
import tp.dns.HostForwarder;
import tp.dns.Resolver;
import tp.dns.ResolverClock;
import tp.dns.VirtualAddresses;
import tp.host.DeviceRequest;
import tp.host.Host;
import tp.host.HostRoutes;
import tp.host.HostSettings;
import tp.kube.KubeSettings;
import tp.os.InterfaceAddress;
import tp.os.OsException;
import tp.os.PacketDevice;
import tp.os.Processes;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Sockets;
import tp.tunnel.Welcome;

/**
 * Puts a session together. The cluster comes first: nothing of the host is touched before the
 * manager has welcomed us, though the helper may be starting by then. Whatever fails after that
 * takes back what was done.
 */
final class SessionStarter implements RunningSession.Starter {

    private static final System.Logger LOG = System.getLogger(SessionStarter.class.getName());

    /** Below 64 KiB by more than any header that the kernel adds. */
    private static final int MTU = 65_000;

    /** The strategy of a session in namespaces of its own, where no other program is. */
    private static final String IN_NAMESPACE = "resolv.conf";

    private final RuntimeDirectory directory;
    private final HostSettings.Place place;
    private final Map<String, String> environment;

    SessionStarter(
            RuntimeDirectory directory, HostSettings.Place place, Map<String, String> environment) {
        this.directory = directory;
        this.place = place;
        this.environment = environment;
    }

    /** {@return what is installed, for a daemon without a session} */
    List<PluginEntry> plugins() {
        return PluginListing.of(Providers.find(environment));
    }

    @Override
    public RunningSession begin(
            ConnectSettings settings, Consumer<Reply.Progress> progress, Consumer<String> lost)
            throws InterruptedException {
        Teardown teardown = new Teardown();
        try {
            return begin(settings, progress, lost, teardown);
        } catch (InterruptedException | RuntimeException | Error e) {
            teardown.close();
            throw e;
        }
    }

    private RunningSession begin(
            ConnectSettings settings,
            Consumer<Reply.Progress> progress,
            Consumer<String> lost,
            Teardown teardown)
            throws InterruptedException {
        ProxyRules rules = ProxyRules.parse(settings.outside());
        Providers providers = Providers.find(environment);
        Function<ResolverEnvironment, List<Assessed<DnsProvider>>> strategies =
                host -> chooseDns(providers, settings, host);
        requireOne(strategies.apply(HostResolver.read()));
        String id = newId();
        HostSettings helper = helper(id, progress);
        Optional<HelperStart> repairer = repairer(helper, teardown);

        EventLoopGroup loops = Sockets.best().loops(1);
        teardown.add("event loop", () -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await());
        LiveUpdates updates = new LiveUpdates();
        Connector connector = connector(settings, providers, updates, loops);
        teardown.add("session", connector);
        Consumer<String> steps = line -> progress.accept(Reply.Progress.step(line));
        connector.reach(steps);
        Optional<HelperStart> early = repairer.or(() -> unasked(helper, teardown));
        Welcome welcome = connector.connect(steps);
        steps.accept("Setting up this machine's network ...");
        Host host = started(early, helper, teardown);
        ResolverEnvironment resolver = HostResolver.read();
        HostRoutes routes = HostRoutes.read();
        List<InterfaceAddress> addresses =
                routes.deviceAddresses(id, RoutePlan.clusterRanges(welcome));
        AddressPlan plan = addresses(routes, id, welcome, addresses, rules);
        PacketDevice device = host.openDevice(new DeviceRequest(addresses, MTU));
        teardown.add("device", device);
        DevicePlan own = new DevicePlan(device.name(), addresses, host.ipv6());
        HostSession session =
                new HostSession(
                        new HostSession.Parts(
                                settings, connector, host, place, resolver, inPlace(routes), plan),
                        own,
                        welcome,
                        teardown);
        SessionGateway gateway = gateway(connector, plan, loops);
        HostUpstream upstream = new HostUpstream(resolver, Set.of(own.resolver()));
        Resolver resolving = resolver(session, plan, gateway, upstream);
        NameCheck names = new NameCheck(resolving::resolve, RandomGenerator.getDefault());
        DataPlane dataPlane =
                DataPlane.start(
                        new DataPlane.Settings(device, own.ipv4(), own.ipv6(), ends(host)),
                        gateway,
                        names,
                        broken -> lost.accept("tp's network device is gone: " + broken));
        teardown.add("data plane", dataPlane);
        session.carriedBy(dataPlane, resolving::nameOf);
        session.follow(welcome);
        updates.follow(session::follow);
        host.onHelperDeath(() -> lost.accept("tp's helper has ended"));
        if (place == HostSettings.Place.HOST) {
            teardown.add("route watch", RouteWatch.start(device.name(), session::reroute));
            steps.accept("Asking this machine's resolver for a name ...");
        }
        session.takeOverNames(takeover(host, names, upstream, settings, strategies));
        teardown.add("metrics", metrics(connector, dataPlane, resolving));
        return session;
    }

    private static SessionGateway gateway(
            Connector connector, AddressPlan plan, EventLoopGroup loops) {
        return new SessionGateway(
                SessionGateway.Source.of(connector), plan.virtual(), loops.next());
    }

    private MetricsPort metrics(Connector connector, DataPlane plane, Resolver names) {
        return MetricsPort.start(
                directory.metrics(),
                () ->
                        DaemonMetrics.text(
                                new DaemonMetrics.Numbers(
                                        connector.link(),
                                        StatusParts.roundTripNs(connector.session()),
                                        plane.statistics(),
                                        names.statistics())));
    }

    private NameTakeover.Parts takeover(
            Host host,
            NameCheck names,
            HostUpstream upstream,
            ConnectSettings settings,
            Function<ResolverEnvironment, List<Assessed<DnsProvider>>> strategies) {
        return switch (place) {
            case HOST ->
                    new NameTakeover.Parts(
                            NameTakeover.Changes.of(host),
                            names::run,
                            upstream,
                            settings.dns(),
                            strategies);
            // This process is outside and cannot ask as a program in there does. But the files
            // that are shown in there nobody else changes, and there is no other resolver.
            case NAMESPACE ->
                    new NameTakeover.Parts(
                            NameTakeover.Changes.of(
                                    host, change -> change instanceof HostChange.ResolvConf),
                            (domain, server) -> new NameCheck.Outcome("", ""),
                            upstream,
                            Optional.empty(),
                            strategies);
        };
    }

    /** {@return the routes that the cluster's have to go beside} A new network has none. */
    private HostRoutes inPlace(HostRoutes host) {
        return place == HostSettings.Place.HOST ? host : new HostRoutes(List.of(), List.of());
    }

    private LocalEnds ends(Host host) {
        return place == HostSettings.Place.HOST ? LocalEnds.here() : LocalEnds.inNamespaceOf(host);
    }

    private static AddressPlan addresses(
            HostRoutes before,
            String id,
            Welcome welcome,
            List<InterfaceAddress> device,
            ProxyRules rules) {
        List<Cidr> reserved = new ArrayList<>(RoutePlan.clusterRanges(welcome));
        reserved.addAll(rules.also().ranges());
        device.forEach(own -> reserved.add(own.subnet()));
        RandomGenerator random = new SecureRandom();
        VirtualAddresses virtual =
                new VirtualAddresses(
                        before.virtualIpv4(id, reserved),
                        before.virtualIpv6(random, reserved),
                        random);
        return new AddressPlan(virtual, rules);
    }

    /** {@return what names a session on this host} */
    static String newId() {
        return "%08x".formatted(RandomGenerator.getDefault().nextInt());
    }

    /**
     * {@return the helper, if it is needed early} A session that was killed in every part left a
     * resolver that nobody answers; the helper repairs that as it starts, without which the API
     * server's name might not be known.
     */
    private static Optional<HelperStart> repairer(HostSettings settings, Teardown teardown)
            throws InterruptedException {
        if (settings.place() == HostSettings.Place.NAMESPACE || !HostResolver.isLeftover()) {
            return Optional.empty();
        }
        HelperStart helper = beginHelper(settings, teardown);
        helper.await();
        return Optional.of(helper);
    }

    /** Nobody is asked for a password before it is known that there is something to connect to. */
    private static Optional<HelperStart> unasked(HostSettings settings, Teardown teardown) {
        boolean mayAsk = settings.place() == HostSettings.Place.HOST && Host.mayAsk();
        return mayAsk ? Optional.empty() : Optional.of(beginHelper(settings, teardown));
    }

    /** Choosing throws where there is none, which is to be known before anything is begun. */
    private static void requireOne(List<Assessed<DnsProvider>> strategies) {
        LOG.log(System.Logger.Level.DEBUG, "dns strategies: {0}", strategies);
    }

    private List<Assessed<DnsProvider>> chooseDns(
            Providers providers, ConnectSettings settings, ResolverEnvironment resolver) {
        Optional<String> named =
                place == HostSettings.Place.HOST ? settings.dns() : Optional.of(IN_NAMESPACE);
        return providers.resolvers().choose(named, provider -> provider.assess(resolver));
    }

    private HostSettings helper(String id, Consumer<Reply.Progress> progress) {
        return new HostSettings(
                id, directory.path(), place, line -> progress.accept(Reply.Progress.asking(line)));
    }

    private static Host started(
            Optional<HelperStart> early, HostSettings settings, Teardown teardown)
            throws InterruptedException {
        Host host = early.orElseGet(() -> beginHelper(settings, teardown)).await();
        leaveTerminal();
        return host;
    }

    private static HelperStart beginHelper(HostSettings settings, Teardown teardown) {
        HelperStart helper = HelperStart.begin(settings);
        teardown.add("helper", helper);
        return helper;
    }

    private Connector connector(
            ConnectSettings settings,
            Providers providers,
            LiveUpdates updates,
            EventLoopGroup loops) {
        var surroundings =
                new Connector.Surroundings(
                        providers, KnownNetworks.in(environment), updates, loops);
        return settings.agentless()
                ? Connector.direct(kube(settings), connect(settings), surroundings, DirectNames::of)
                : Connector.of(
                        kube(settings),
                        ManagerCode.of(environment).usual(),
                        connect(settings),
                        surroundings);
    }

    private static Resolver resolver(
            HostSession session,
            AddressPlan addresses,
            SessionGateway gateway,
            HostUpstream upstream) {
        return new Resolver(
                session::zones,
                new Resolver.Externals(addresses::names, addresses.translation()),
                gateway::ask,
                new HostForwarder(upstream),
                ResolverClock.system());
    }

    /** From here on only `tp quit` and signals of its own end this process. */
    private static void leaveTerminal() {
        try {
            Processes.newSession();
        } catch (OsException e) {
            // It leads a group already: a shell without job control started it as one.
            LOG.log(System.Logger.Level.DEBUG, "setsid: {0}", e.getMessage());
        }
    }

    static KubeSettings kube(ConnectSettings settings) {
        return kube(settings.kubeconfig(), settings.context(), settings.account());
    }

    static KubeSettings kube(
            Optional<String> kubeconfig,
            Optional<String> context,
            ConnectSettings.Account account) {
        // Several files are merged, which is left to the reader of KUBECONFIG itself.
        Optional<Path> file =
                kubeconfig.filter(value -> !value.contains(File.pathSeparator)).map(Path::of);
        return new KubeSettings(
                file,
                context,
                account.name().orElse(KubeSettings.USUAL_ACCOUNT),
                account.managerNamespace());
    }

    static ConnectorSettings connect(ConnectSettings settings) {
        return new ConnectorSettings(
                settings.namespace(),
                settings.mappedNamespaces(),
                settings.transport(),
                settings.endpoints().stream().map(SessionStarter::endpoint).toList(),
                Build.version());
    }

    private static Endpoint endpoint(String given) {
        try {
            URI address = new URI(given);
            if (address.getHost() != null && !address.getHost().isEmpty()) {
                return new Endpoint(address, Endpoint.Source.GIVEN);
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.DEBUG, "--endpoint {0}: {1}", given, e.getMessage());
        }
        throw TpException.usage(
                "--endpoint " + given + " is no address of a manager",
                "give one such as quic://192.0.2.7:30446 or wss://tp.example.com/tp");
    }
}
