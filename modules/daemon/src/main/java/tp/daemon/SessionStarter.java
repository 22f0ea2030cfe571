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
import tp.spi.dns.ResolverEnvironment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Sockets;
import tp.tunnel.Welcome;

/**
 * Puts a session together. The cluster comes first: nothing of the host is touched before the
 * manager has welcomed us. Whatever fails after that takes back what was done.
 */
final class SessionStarter implements RunningSession.Starter {

    private static final System.Logger LOG = System.getLogger(SessionStarter.class.getName());

    /** Below 64 KiB by more than any header that the kernel adds. */
    private static final int MTU = 65_000;

    private final RuntimeDirectory directory;
    private final Map<String, String> environment;

    SessionStarter(RuntimeDirectory directory, Map<String, String> environment) {
        this.directory = directory;
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
        HostSettings helper =
                new HostSettings(
                        id, directory.path(), line -> progress.accept(Reply.Progress.asking(line)));
        Optional<Host> early = repairer(helper, teardown);

        EventLoopGroup loops = Sockets.best().loops(1);
        teardown.add("event loop", () -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await());
        LiveUpdates updates = new LiveUpdates();
        Connector connector = connector(settings, providers, updates, loops);
        teardown.add("session", connector);
        Welcome welcome = connector.connect(line -> progress.accept(Reply.Progress.step(line)));

        progress.accept(Reply.Progress.step("Setting up this machine's network ..."));
        Host host = early.isPresent() ? early.get() : startHelper(helper, teardown);
        ResolverEnvironment resolver = HostResolver.read();
        HostRoutes before = HostRoutes.read();
        List<InterfaceAddress> addresses =
                before.deviceAddresses(id, RoutePlan.clusterRanges(welcome));
        AddressPlan plan = addresses(before, id, welcome, addresses, rules);
        PacketDevice device = host.openDevice(new DeviceRequest(addresses, MTU));
        teardown.add("device", device);
        DevicePlan own = new DevicePlan(device.name(), addresses, host.ipv6());
        HostSession session =
                new HostSession(
                        new HostSession.Parts(settings, connector, host, resolver, before, plan),
                        own,
                        welcome,
                        teardown);
        SessionGateway.Source sessions = SessionGateway.Source.of(connector);
        SessionGateway gateway = new SessionGateway(sessions, plan.virtual(), loops.next());
        HostUpstream upstream = new HostUpstream(resolver, Set.of(own.resolver()));
        NameCheck names =
                new NameCheck(
                        resolver(session, plan, gateway, upstream), RandomGenerator.getDefault());
        DataPlane dataPlane =
                DataPlane.start(
                        new DataPlane.Settings(device, own.ipv4(), own.ipv6()),
                        gateway,
                        names,
                        broken -> lost.accept("tp's network device is gone: " + broken));
        teardown.add("data plane", dataPlane);
        session.countedBy(dataPlane::statistics);
        session.follow(welcome);
        updates.follow(session::follow);
        teardown.add("route watch", RouteWatch.start(device.name(), session::reroute));
        host.onHelperDeath(() -> lost.accept("tp's helper has ended"));
        progress.accept(Reply.Progress.step("Asking this machine's resolver for a name ..."));
        NameTakeover.Changes changes = NameTakeover.Changes.of(host);
        session.takeOverNames(
                new NameTakeover.Parts(changes, names::run, upstream, settings.dns(), strategies));
        return session;
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
    private static Optional<Host> repairer(HostSettings settings, Teardown teardown) {
        return HostResolver.isLeftover()
                ? Optional.of(startHelper(settings, teardown))
                : Optional.empty();
    }

    /** Choosing throws where there is none, which is to be known before anything is begun. */
    private static void requireOne(List<Assessed<DnsProvider>> strategies) {
        LOG.log(System.Logger.Level.DEBUG, "dns strategies: {0}", strategies);
    }

    private static List<Assessed<DnsProvider>> chooseDns(
            Providers providers, ConnectSettings settings, ResolverEnvironment resolver) {
        return providers.resolvers().choose(settings.dns(), provider -> provider.assess(resolver));
    }

    private static Host startHelper(HostSettings settings, Teardown teardown) {
        Host host = Host.start(settings);
        teardown.add("helper", host);
        host.notes().forEach(note -> LOG.log(System.Logger.Level.INFO, "helper: {0}", note));
        leaveTerminal();
        return host;
    }

    private Connector connector(
            ConnectSettings settings,
            Providers providers,
            LiveUpdates updates,
            EventLoopGroup loops) {
        return Connector.of(
                kube(settings),
                connect(settings),
                new Connector.Surroundings(
                        providers, KnownNetworks.in(environment), updates, loops));
    }

    private static NameServer resolver(
            HostSession session,
            AddressPlan addresses,
            SessionGateway gateway,
            HostUpstream upstream) {
        return new Resolver(
                        session::zones,
                        new Resolver.Externals(addresses::names, addresses.translation()),
                        gateway::ask,
                        new HostForwarder(upstream),
                        ResolverClock.system())
                ::resolve;
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

    private static KubeSettings kube(ConnectSettings settings) {
        // Several files are merged, which is left to the reader of KUBECONFIG itself.
        Optional<Path> file =
                settings.kubeconfig()
                        .filter(value -> !value.contains(File.pathSeparator))
                        .map(Path::of);
        return new KubeSettings(
                file,
                settings.context(),
                settings.serviceAccount().orElse(KubeSettings.USUAL_ACCOUNT));
    }

    private static ConnectorSettings connect(ConnectSettings settings) {
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
