package tp.kube;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tp.spi.common.TpException;

/** Turns a kubeconfig into the client's settings; nothing comes from anywhere else but proxies. */
final class ClientSettings {

    private ClientSettings() {}

    static Config of(Kubeconfig kubeconfig, Surroundings surroundings) {
        checkServer(kubeconfig);
        AuthInfo user = kubeconfig.user().getUser();
        Config config = Config.empty();
        proxies(config, surroundings.environment());
        // Set before the merge, which otherwise runs a plug-in by way of a shell; and with any
        // provider the client does not read the kubeconfig again on its own.
        if (user.getAuthProvider() == null) {
            config.setOauthTokenProvider(token(kubeconfig, user));
        }
        try {
            KubeConfigUtils.merge(
                    config,
                    kubeconfig.contextName(),
                    kubeconfig.files().toArray(new io.fabric8.kubernetes.api.model.Config[0]));
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw TpException.environment(
                    "the credentials of context '" + kubeconfig.contextName() + "' cannot be used",
                    "repair the kubeconfig, or choose another --context");
        }
        checkFile("certificate-authority", config.getCaCertFile());
        checkFile("client-certificate", config.getClientCertFile());
        checkFile("client-key", config.getClientKeyFile());
        if (config.getOauthTokenProvider() instanceof ExecCredential plugIn) {
            plugIn.certificate()
                    .ifPresent(
                            pair -> {
                                config.setClientCertData(pair.certificate());
                                config.setClientKeyData(pair.key());
                                config.setClientKeyAlgo(Config.getKeyAlgorithm(null, pair.key()));
                            });
        }
        ClientKeys.nameAlgorithm(config);
        config.setNamespace(kubeconfig.namespace());
        config.setConnectionTimeout((int) surroundings.connectTimeout().toMillis());
        config.setRequestTimeout((int) surroundings.requestTimeout().toMillis());
        config.setRequestRetryBackoffLimit(0);
        // The session inside beats on its own, and sooner.
        config.setWebsocketPingInterval(0L);
        impersonate(config, user);
        return config;
    }

    private static OAuthTokenProvider token(Kubeconfig kubeconfig, AuthInfo user) {
        if (user.getTokenFile() != null && !user.getTokenFile().isBlank()) {
            return new TokenFile(resolved(kubeconfig, user.getTokenFile()));
        }
        if (user.getExec() != null && noToken(user)) {
            return new ExecCredential(user.getExec(), kubeconfig.userFolder());
        }
        return new FixedToken(user.getToken());
    }

    private static boolean noToken(AuthInfo user) {
        return user.getToken() == null || user.getToken().isBlank();
    }

    private static void impersonate(Config config, AuthInfo user) {
        if (user.getAs() != null) {
            config.setImpersonateUsername(user.getAs());
            if (user.getAsGroups() != null) {
                config.setImpersonateGroups(user.getAsGroups().toArray(new String[0]));
            }
        }
    }

    private static void checkServer(Kubeconfig kubeconfig) {
        Cluster cluster = kubeconfig.cluster().getCluster();
        String server = cluster.getServer();
        try {
            URI uri = URI.create(server == null ? "" : server);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw TpException.environment(
                "the server of context '"
                        + kubeconfig.contextName()
                        + "' is no address: '"
                        + Failures.oneLine(String.valueOf(server))
                        + "'",
                "repair the kubeconfig, or choose another --context");
    }

    private static Path resolved(Kubeconfig kubeconfig, String file) {
        return kubeconfig.userFolder().map(folder -> folder.resolve(file)).orElse(Path.of(file));
    }

    private static void checkFile(String what, String file) {
        if (file != null && !file.isBlank() && !Files.isReadable(Path.of(file))) {
            throw TpException.environment(
                    "the " + what + " " + file + " of the kubeconfig cannot be read",
                    "repair the kubeconfig, or choose another --context");
        }
    }

    private static void proxies(Config config, Map<String, String> environment) {
        String https = environment.getOrDefault("https_proxy", environment.get("HTTPS_PROXY"));
        if (https != null && !https.isBlank()) {
            config.setHttpsProxy(https);
        }
        String none = environment.getOrDefault("no_proxy", environment.get("NO_PROXY"));
        if (none != null && !none.isBlank()) {
            config.setNoProxy(none.split("\\s*,\\s*"));
        }
    }
}
