package tp.daemon;

import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tp.connector.ClusterSession;
import tp.connector.ConnectorSettings;
import tp.connector.Providers;
import tp.connector.Trials;
import tp.control.ConnectSettings;
import tp.control.Finding;
import tp.control.Reply;
import tp.control.RuntimeDirectory;
import tp.host.HostRoutes;
import tp.host.HostSettings;
import tp.kube.KubeCluster;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.transport.Sockets;

/** Tries what a connect needs by doing it, and takes all of it back. */
final class Doctor {

    private static final String IN_USE = "in use by the session; see `tp status`";
    private static final List<String> OF_SESSIONS =
            List.of("transports", "cluster names", "addresses");

    private final RuntimeDirectory directory;
    private final Map<String, String> environment;

    Doctor(RuntimeDirectory directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /**
     * {@return what came of each trial}
     *
     * @param connected whether a session of this daemon has the host's device and names
     * @throws TpException where the settings are none, before anything is tried
     */
    List<Finding> examine(
            ConnectSettings settings, boolean connected, Consumer<Reply.Progress> progress)
            throws InterruptedException {
        ConnectorSettings connector = SessionStarter.connect(settings);
        Findings findings = new Findings(progress);
        Providers providers = Providers.find(environment);
        host(findings, settings, providers, connected);
        Optional<KubeCluster> reached = reach(findings, settings);
        if (reached.isPresent()) {
            try (KubeCluster cluster = reached.get()) {
                cluster(findings, cluster, connector, providers, connected);
            }
        }
        return findings.list();
    }

    private void host(
            Findings findings, ConnectSettings settings, Providers providers, boolean connected)
            throws InterruptedException {
        HostExamination examination = new HostExamination(findings);
        ResolverEnvironment resolver = HostResolver.read();
        if (connected) {
            examination.resolver(resolver);
            findings.skipped(List.of("names", "helper", "device", "route"), IN_USE);
            return;
        }
        String id = SessionStarter.newId();
        HostSettings settingsOfHelper =
                new HostSettings(
                        id,
                        directory.path(),
                        HostSettings.Place.HOST,
                        line -> findings.asking(line));
        try (HelperStart helper = HelperStart.begin(settingsOfHelper)) {
            examination.resolver(resolver);
            try {
                examination.strategies(
                        providers.resolvers().choose(settings.dns(), one -> one.assess(resolver)));
            } catch (TpException e) {
                findings.fails("names", e);
            }
            examination.device(helper, id);
        }
    }

    private static Optional<KubeCluster> reach(Findings findings, ConnectSettings settings) {
        findings.trying("the API server");
        long beganNs = System.nanoTime();
        try {
            KubeCluster cluster = KubeCluster.open(SessionStarter.kube(settings));
            findings.works(
                    "API server",
                    "context %s (%s) answered in %d ms"
                            .formatted(
                                    cluster.context(),
                                    cluster.server(),
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs)));
            return Optional.of(cluster);
        } catch (TpException e) {
            findings.fails("API server", e);
            findings.skipped(List.of("clock", "rights", "manager"), "needs the API server");
            findings.skipped(OF_SESSIONS, "needs the API server");
            return Optional.empty();
        }
    }

    private static void cluster(
            Findings findings,
            KubeCluster cluster,
            ConnectorSettings settings,
            Providers providers,
            boolean connected)
            throws InterruptedException {
        ClusterExamination examination = new ClusterExamination(findings);
        examination.clock(cluster);
        // Rights are asked for in the namespace where the manager was found.
        Optional<ManagerInfo> manager = examination.manager(cluster);
        examination.rights(cluster);
        if (manager.isEmpty()) {
            examination.agentless(cluster);
            findings.skipped(OF_SESSIONS, "needs the manager");
            return;
        }
        EventLoopGroup loops = Sockets.best().loops(1);
        try (Trials trials = Trials.of(cluster, manager.get(), settings, providers, loops)) {
            sessions(findings, examination, trials, connected);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private static void sessions(
            Findings findings, ClusterExamination examination, Trials trials, boolean connected)
            throws InterruptedException {
        findings.trying("every transport");
        examination.transports(trials.run());
        Optional<ClusterSession> session = trials.session();
        if (session.isEmpty()) {
            findings.skipped(List.of("cluster names", "addresses"), "needs a transport");
            return;
        }
        examination.names(session.get());
        if (connected) {
            findings.skipped("addresses", IN_USE);
        } else {
            examination.addresses(session.get().welcome(), HostRoutes.read());
        }
    }
}
