package tp.kube;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
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

    private final String context;
    private final String server;
    private final String namespace;
    private final Api api;
    private final ApiStreams streams;
    private final String account;
    private final Pace pace;

    private KubeCluster(Kubeconfig kubeconfig, Api api, String account, Pace pace) {
        this.context = kubeconfig.contextName();
        this.server = kubeconfig.cluster().getCluster().getServer();
        this.namespace = kubeconfig.namespace();
        this.api = api;
        this.streams = new ApiStreams(api.client());
        this.account = account;
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
        return new KubeCluster(kubeconfig, api, settings.serviceAccount(), surroundings.pace());
    }

    private static KubernetesClient client(Config config, Kubeconfig kubeconfig) {
        try {
            return new KubernetesClientBuilder()
                    .withConfig(config)
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
        return Manager.find(api);
    }

    /** {@return whether the user may do all that {@link #installManager} does} */
    public boolean mayInstall() {
        return InstallRights.missing(api).isEmpty();
    }

    /**
     * Installs the manager, or brings an installed one to this version's manifests, and waits at
     * most two minutes until it takes connections.
     *
     * @param progress takes one line for each step, on the calling thread
     * @throws TpException where a right is missing, which it names, or the manager does not start,
     *     with the reason
     */
    public void installManager(Consumer<String> progress) {
        progress.accept("There is no manager; asking whether you may install it ...");
        InstallRights.missing(api)
                .ifPresent(
                        right -> {
                            throw TpException.environment(
                                    "the manager is not installed in this cluster, and you may not"
                                            + " install it: "
                                            + right
                                            + " is missing",
                                    "ask an administrator of the cluster to run 'tp connect' once");
                        });
        progress.accept("Installing the manager ...");
        new ManagerInstallation(api, pace, progress).run();
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
