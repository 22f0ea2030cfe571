package tp.kube;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tp.spi.common.TpException;

/**
 * A question of the user about his own rights (SelfSubjectAccessReview).
 *
 * @param group empty for the core group
 * @param resource with its subresource, such as {@code pods/portforward}
 * @param namespace empty: of the cluster
 * @param name empty: of all names
 */
record AccessReview(String verb, String group, String resource, String namespace, String name) {

    private static final String PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    /**
     * {@return whether the API server says so; also where it cannot be asked: the deed will tell}
     */
    boolean allowed(Api api) {
        try {
            return api.create("ask which rights you have", PATH, body())
                    .at("/status/allowed")
                    .asBoolean(false);
        } catch (TpException e) {
            if (Failures.code(e) == 404 || Failures.code(e) == 405) {
                return true;
            }
            throw e;
        }
    }

    /** {@return the answers to several, which are asked side by side, by what each is asked for} */
    static <K> Map<K, Boolean> allowed(Api api, Map<K, AccessReview> reviews) {
        Map<K, FutureTask<Boolean>> asked = new LinkedHashMap<>();
        reviews.forEach(
                (key, review) -> {
                    FutureTask<Boolean> answer = new FutureTask<>(() -> review.allowed(api));
                    Thread.ofVirtual().name("ask-right").start(answer);
                    asked.put(key, answer);
                });
        Map<K, Boolean> answers = new LinkedHashMap<>();
        asked.forEach((key, answer) -> answers.put(key, Answers.of(answer)));
        return answers;
    }

    /** {@return those that are not allowed, as they are told} */
    static List<String> missing(Api api, List<AccessReview> reviews) {
        Map<AccessReview, AccessReview> each = new LinkedHashMap<>();
        reviews.forEach(review -> each.put(review, review));
        return allowed(api, each).entrySet().stream()
                .filter(one -> !one.getValue())
                .map(one -> one.getKey().told())
                .toList();
    }

    /** {@return such as {@code create on pods/portforward in team-a}} */
    String told() {
        String full = group.isEmpty() ? resource : resource + "." + group;
        return verb + " on " + full + (namespace.isEmpty() ? "" : " in " + namespace);
    }

    private ObjectNode body() {
        ObjectNode review = JsonNodeFactory.instance.objectNode();
        review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectAccessReview");
        int slash = resource.indexOf('/');
        review.putObject("spec")
                .putObject("resourceAttributes")
                .put("verb", verb)
                .put("group", group)
                .put("resource", slash < 0 ? resource : resource.substring(0, slash))
                .put("subresource", slash < 0 ? "" : resource.substring(slash + 1))
                .put("namespace", namespace)
                .put("name", name);
        return review;
    }
}
