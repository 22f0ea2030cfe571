package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** The manager as its objects in the API server show it. */
final class Manager {

    /** The shortest that the API server gives. */
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

    private Manager() {}

    /**
     * {@return the manager, empty where none is installed}
     *
     * @throws TpException TRANSIENT where it is installed but not ready
     */
    static Optional<ManagerInfo> find(Api api) {
        if (configMap(api) == null) {
            return Optional.empty();
        }
        List<Pod> pods = pods(api);
        if (pods.isEmpty()) {
            // Only what it published is left: it was removed.
            return Optional.empty();
        }
        Optional<ManagerInfo> info = published(api, pods);
        if (info.isEmpty()) {
            throw new TpException(
                    Category.TRANSIENT,
                    "the manager in tp-system is not ready: " + ManagerObjects.state(pods),
                    "try again, or see 'kubectl -n tp-system describe pods'");
        }
        return info;
    }

    static Optional<ManagerInfo> published(Api api, List<Pod> pods) {
        Optional<Pod> ready = ManagerObjects.ready(pods);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        ConfigMap map = configMap(api);
        return map == null ? Optional.empty() : ManagerObjects.info(map, ready.get());
    }

    static List<Pod> pods(Api api) {
        return api.call(
                "list the pods of tp-system",
                client ->
                        client.pods()
                                .inNamespace(ManagerObjects.NAMESPACE)
                                .withLabels(ManagerObjects.LABELS)
                                .list()
                                .getItems());
    }

    private static @Nullable ConfigMap configMap(Api api) {
        try {
            return readConfigMap(api);
        } catch (TpException e) {
            if (e.getCause() instanceof KubernetesClientException told && told.getCode() == 403) {
                throw new TpException(
                        Category.ENVIRONMENT,
                        String.valueOf(e.getMessage()),
                        "ask an administrator of the cluster to bind you to Role tp-user in"
                                + " tp-system, which 'tp connect' of an administrator installs"
                                + " (docs/rbac.md)",
                        e);
            }
            throw e;
        }
    }

    private static @Nullable ConfigMap readConfigMap(Api api) {
        return api.<@Nullable ConfigMap>call(
                "read the ConfigMap tp-manager-info in tp-system",
                client ->
                        client.configMaps()
                                .inNamespace(ManagerObjects.NAMESPACE)
                                .withName(ManagerObjects.INFO)
                                .get());
    }

    /** {@return a fresh token for that manager} Secret: never logged, never kept. */
    static String clientToken(Api api, ManagerInfo info, String account) {
        TokenRequest request =
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(info.audience())
                        .withExpirationSeconds(TOKEN_LIFE.toSeconds())
                        .endSpec()
                        .build();
        TokenRequest answer =
                api.call(
                        "create a token of the ServiceAccount " + account + " in tp-system",
                        client ->
                                client.serviceAccounts()
                                        .inNamespace(ManagerObjects.NAMESPACE)
                                        .withName(account)
                                        .tokenRequest(request));
        TokenRequestStatus status = answer.getStatus();
        if (status == null || status.getToken() == null || status.getToken().isBlank()) {
            throw new TpException(
                    Category.ENVIRONMENT,
                    "the API server gave no token for " + account,
                    "see what 'kubectl -n tp-system create token " + account + "' says");
        }
        return status.getToken();
    }
}
