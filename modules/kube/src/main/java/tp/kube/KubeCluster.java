package tp.kube;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;
import tp.spi.transport.ClusterAccess;

/**
 * A cluster, reached with the user's own credentials. Safe for use by several threads; every call
 * may block, for at most about ten seconds unless it says otherwise.
 */
public final class KubeCluster implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofMinutes(1);

    private final String context;
    private final String server;
    private final String namespace;
    private final Api api;
    private final ApiStreams streams;
    private final Backlog backlog = new Backlog();
    private final String account;
    private final ManagerPlace place;
    private final Pace pace;

    private KubeCluster(Kubeconfig kubeconfig, Api api, KubeSettings settings, Pace pace) {
        this.context = kubeconfig.contextName();
        this.server = kubeconfig.cluster().getCluster().getServer();
        this.namespace = kubeconfig.namespace();
        this.api = api;
        this.streams = new ApiStreams(api.client());
        this.account = settings.serviceAccount();
        this.place = new ManagerPlace(api, settings.managerNamespace(), namespace);
        this.pace = pace;
    }

    /**
     * Reads the kubeconfig and asks the API server for its version.
     *
     * @throws TpException where the kubeconfig is broken or absent, names no such context, or the
     *     server cannot be reached or refuses the credentials
     */
    public static KubeCluster open(KubeSettings settings) {
        return open(settings, Surroundings.ofProcess());
    }

    static KubeCluster open(KubeSettings settings, Surroundings surroundings) {
        Kubeconfig kubeconfig = Kubeconfig.load(settings, surroundings.environment());
        Config config = ClientSettings.of(kubeconfig, surroundings);
        Api api =
                new Api(client(config, kubeconfig), kubeconfig.cluster().getCluster().getServer());
        try {
            api.call("ask for its version", KubernetesClient::getKubernetesVersion);
        } catch (TpException e) {
            api.close();
            throw e;
        }
        return new KubeCluster(kubeconfig, api, settings, surroundings.pace());
    }

    private static KubernetesClient client(Config config, Kubeconfig kubeconfig) {
        try {
            return new KubernetesClientBuilder()
                    .withConfig(config)
                    .withKubernetesSerialization(KnownKinds.SERIALIZATION)
                    .withHttpClientBuilderConsumer(builder -> ServerTrust.apply(config, builder))
                    .build();
        } catch (KubernetesClientException | IllegalArgumentException e) {
            // Without the cause: what cannot be parsed is a key or a certificate.
            throw new TpException(
                    Category.ENVIRONMENT,
                    "the certificates or keys of context '"
                            + kubeconfig.contextName()
                            + "' cannot be used",
                    "repair the kubeconfig, or choose another --context");
        }
    }

    public String context() {
        return context;
    }

    /** {@return the address of the API server} */
    public String server() {
        return server;
    }

    /** {@return the namespace of the context} */
    public String namespace() {
        return namespace;
    }

    /** {@return whether the cluster says that it has no such namespace} False where it does not. */
    public boolean lacksNamespace(String name) {
        try {
            return api.<@Nullable Namespace>call(
                            "read the namespace " + name,
                            client -> client.namespaces().withName(name).get())
                    == null;
        } catch (TpException e) {
            return false;
        }
    }

    /**
     * {@return the manager, empty where none is installed}
     *
     * @throws TpException where it is installed but not ready (TRANSIENT), or may not be seen
     */
    public Optional<ManagerInfo> manager() {
        return place.find().map(Manager.Sighting::ready);
    }

    /**
     * {@return the manager, empty where none is installed} Where it is about to start, after an
     * upgrade or on another node, this waits for at most a minute.
     *
     * @param progress takes one line for each change meanwhile, on the calling thread
     * @throws TpException where it does not start, with the reason, or may not be seen
     */
    public Optional<ManagerInfo> manager(Consumer<String> progress) {
        Optional<Manager.Sighting> found = place.find();
        if (found.isEmpty() || found.get().info().isPresent()) {
            return found.flatMap(Manager.Sighting::info);
        }
        String home = found.get().home();
        new ManagerStart(api, pace, home, progress, Optional::empty)
                .await(Manager.notReady(home), START_PATIENCE);
        return manager();
    }

    /**
     * {@return each right that opening a session needs, and whether the user has it} They are those
     * in the namespace where {@link #manager()} found it last.
     */
    public Map<UserRight, Boolean> rights() {
        Map<UserRight, AccessReview> reviews = new LinkedHashMap<>();
        UserRight.of(place.likely(), account).forEach(right -> reviews.put(right, right.review()));
        return AccessReview.allowed(api, reviews);
    }

    /**
     * {@return how far this machine's clock is ahead of the API server's, empty if it is silent}
     */
    public Optional<Duration> clockAhead() {
        return ServerClock.ahead(api, Clock.systemUTC());
    }

    /** {@return whether the user may do all that {@link #installManager} does} */
    public boolean mayInstall() {
        return InstallRights.missing(api, InstallRights.INSTALLING, Level.WHOLE_CLUSTER).isEmpty();
    }

    /**
     * Installs the manager where there is none, for the whole cluster, and waits at most two
     * minutes until it takes connections.
     *
     * @param delivery how its code comes there
     * @param progress takes one line for each step, on the calling thread
     * @throws TpException where a right is missing, which it names, or the manager does not start,
     *     with the reason
     */
    public void installManager(Delivery delivery, Consumer<String> progress) {
        progress.accept("There is no manager; asking whether you may install it ...");
        InstallRights.missing(api, InstallRights.INSTALLING, Level.WHOLE_CLUSTER)
                .ifPresent(
                        right -> {
                            throw TpException.environment(
                                    "the manager is not installed in this cluster, and you may not"
                                            + " install it: "
                                            + right
                                            + " is missing",
                                    "ask an administrator of the cluster to run 'tp install' once,"
                                            + " install it for your own namespaces by 'tp install"
                                            + " --namespaces NAME', or do without it: 'tp connect"
                                            + " --agentless'");
                        });
        progress.accept("Installing the manager ...");
        InstallSettings settings = InstallSettings.usual(delivery);
        new ManagerInstallation(api, pace, settings, Level.WHOLE_CLUSTER, progress).run();
    }

    /** The same as is asked for, also over an earlier installation, which it brings up to date. */
    public Installed installManager(InstallSettings settings, Consumer<String> progress) {
        progress.accept("Asking whether you may install the manager ...");
        Level level = place.toInstall(settings.level(), progress);
        progress.accept("Installing the manager ...");
        int changed = new ManagerInstallation(api, pace, settings, level, progress).run();
        return new Installed(Manager.publishedVersion(api, level.home()), changed, level);
    }

    /**
     * Removes the manager, and waits at most two minutes until it is gone. Where there is none, or
     * only a part of one, it removes what there is.
     *
     * @param level of the one to remove; empty: of the one that is found
     * @param progress takes one line for each step, on the calling thread
     * @throws TpException where a right is missing, which it names, or something does not go
     */
    public Removed uninstallManager(Optional<Level> level, Consumer<String> progress) {
        progress.accept("Asking whether you may remove the manager ...");
        return new ManagerRemoval(api, pace, place.toRemove(level), progress).run();
    }

    /** {@return a fresh token that only this manager accepts} Secret; it lives ten minutes. */
    public String clientToken(ManagerInfo manager) {
        return Manager.clientToken(api, manager, account);
    }

    /**
     * {@return streams through the API server, for transports} They end when this cluster is
     * closed.
     */
    public ClusterAccess access() {
        return streams;
    }

    /**
     * Begins to follow what connections lead to in some namespaces, until it is closed.
     *
     * @param namespaces by their names in the cluster
     */
    public ClusterWatch watch(Collection<String> namespaces, ClusterWatch.Listener listener) {
        ClusterWatch watch = new ClusterWatch(api, pace, namespaces, listener);
        watch.start();
        return watch;
    }

    /**
     * {@return the first right that the user lacks to forward ports to pods of these namespaces,
     * such as {@code create on pods/portforward in team-a}}
     */
    public Optional<String> missingToForward(Collection<String> namespaces) {
        return AccessReview.missing(
                        api,
                        namespaces.stream()
                                .flatMap(one -> ManagerRoles.agentlessRights(one).stream())
                                .filter(right -> right.resource().equals("pods/portforward"))
                                .toList())
                .stream()
                .findFirst();
    }

    /**
     * {@return the rights that the user lacks to do without a manager in that namespace, such as
     * {@code watch on services in team-a}}
     */
    public List<String> missingWithoutManager(String namespace) {
        return AccessReview.missing(api, ManagerRoles.agentlessRights(namespace));
    }

    /**
     * {@return a way to the ports of a pod, which is being opened} It ends when this cluster is
     * closed.
     *
     * @param executor on which everything about it happens, one thing after the other
     */
    public PodForward forward(ClusterTable.ObjectName pod, ScheduledExecutorService executor) {
        return SpdyPodForward.open(
                "pod " + pod.namespace() + "/" + pod.name(),
                executor,
                backlog,
                listener -> streams.forwardMany(pod.namespace(), pod.name(), listener));
    }

    @Override
    public void close() {
        streams.close();
        api.close();
    }

    @Override
    public String toString() {
        return "KubeCluster[" + context + " at " + server + "]";
    }
}
