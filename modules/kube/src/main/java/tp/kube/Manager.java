package tp.kube;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** The manager as its objects in the API server show it. */
final class Manager {

    /** The shortest that the API server gives. */
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

    private Manager() {}

    private static String place(String home) {
        return "/api/v1/namespaces/" + home;
    }

    static String notReady(String home) {
        return "the manager in " + home + " is not ready";
    }

    /**
     * What is there of a manager.
     *
     * @param home the namespace that it is in
     * @param pods at least one
     * @param info empty while none of the pods takes connections
     */
    record Sighting(String home, List<ManagerPod> pods, Optional<ManagerInfo> info) {

        /**
         * @throws TpException TRANSIENT where it is not ready
         */
        ManagerInfo ready() {
            return info.orElseThrow(
                    () ->
                            new TpException(
                                    Category.TRANSIENT,
                                    notReady(home) + ": " + ManagerObjects.state(pods),
                                    "try again, or see 'kubectl -n " + home + " describe pods'"));
        }
    }

    /** {@return what is there, empty where no manager is installed} */
    static Optional<Sighting> find(Api api, String home) {
        // Side by side: an API server is often a long way off.
        FutureTask<List<ManagerPod>> listing = new FutureTask<>(() -> pods(api, home));
        Thread.ofVirtual().name("list-pods").start(listing);
        if (configMap(api, home).isEmpty()) {
            return Optional.empty();
        }
        List<ManagerPod> pods = Answers.of(listing);
        // With no pod only what it published is left: it was removed.
        return pods.isEmpty()
                ? Optional.empty()
                : Optional.of(new Sighting(home, pods, published(api, home, pods)));
    }

    /** The key is read after the pod is seen: that of a pod before it may be another. */
    static Optional<ManagerInfo> published(Api api, String home, List<ManagerPod> pods) {
        return ManagerObjects.ready(pods)
                .flatMap(
                        ready ->
                                configMap(api, home)
                                        .flatMap(
                                                map ->
                                                        ManagerObjects.info(
                                                                map.path("data"), home, ready)));
    }

    static List<ManagerPod> pods(Api api, String home) {
        return api.read(
                        "list the pods of " + home,
                        place(home) + "/pods?labelSelector=" + encoded(ManagerObjects.LABEL))
                .map(ManagerPod::listed)
                .orElse(List.of());
    }

    /** {@return the version of the manager that published last, empty where none says} */
    static String publishedVersion(Api api, String home) {
        return configMap(api, home)
                .map(map -> Failures.oneLine(map.at("/data/version").asString("")))
                .orElse("");
    }

    private static Optional<JsonNode> configMap(Api api, String home) {
        try {
            return api.read(
                    "read the ConfigMap tp-manager-info in " + home,
                    place(home) + "/configmaps/" + ManagerObjects.INFO);
        } catch (TpException e) {
            if (Failures.code(e) == 403) {
                throw new TpException(
                        Category.ENVIRONMENT,
                        String.valueOf(e.getMessage()),
                        "ask an administrator of the cluster to bind you to Role tp-user in "
                                + home
                                + ", which 'tp install' brings (docs/rbac.md), install a manager for"
                                + " your own namespaces by 'tp install --namespaces NAME', or do"
                                + " without one: 'tp connect --agentless'",
                        e);
            }
            throw e;
        }
    }

    /** {@return a fresh token for that manager} Secret: never logged, never kept. */
    static String clientToken(Api api, ManagerInfo info, String account) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        ObjectNode spec = request.putObject("spec");
        spec.putArray("audiences").add(info.audience());
        spec.put("expirationSeconds", TOKEN_LIFE.toSeconds());
        String home = info.location().namespace();
        String token =
                api.create(
                                "create a token of the ServiceAccount " + account + " in " + home,
                                place(home) + "/serviceaccounts/" + encoded(account) + "/token",
                                request)
                        .at("/status/token")
                        .asString("");
        if (token.isBlank()) {
            throw new TpException(
                    Category.ENVIRONMENT,
                    "the API server gave no token for " + account,
                    "see what 'kubectl -n " + home + " create token " + account + "' says");
        }
        return token;
    }

    /** For a path as well as for a query: with a plus for a space it would be for one of them. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
