package tp.kube;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the user must be allowed to do to install the manager by server-side apply. */
final class InstallRights {

    /** Server-side apply is a patch, and a create where the object does not exist yet. */
    private static final List<String> VERBS = List.of("create", "patch");

    private static final List<Target> TARGETS =
            List.of(
                    new Target("", "namespaces", ""),
                    new Target("rbac.authorization.k8s.io", "clusterroles", ""),
                    new Target("rbac.authorization.k8s.io", "clusterrolebindings", ""),
                    new Target("rbac.authorization.k8s.io", "roles", ManagerObjects.NAMESPACE),
                    new Target(
                            "rbac.authorization.k8s.io", "rolebindings", ManagerObjects.NAMESPACE),
                    new Target("", "serviceaccounts", ManagerObjects.NAMESPACE),
                    new Target("", "services", ManagerObjects.NAMESPACE),
                    new Target("apps", "deployments", ManagerObjects.NAMESPACE));

    private record Target(String group, String resource, String namespace) {
        String told(String verb) {
            String full = group.isEmpty() ? resource : resource + "." + group;
            return verb + " on " + full + (namespace.isEmpty() ? "" : " in " + namespace);
        }
    }

    private InstallRights() {}

    /** {@return the first right that is missing, such as {@code create on namespaces}} */
    static Optional<String> missing(Api api) {
        for (Target target : TARGETS) {
            for (String verb : VERBS) {
                if (!allowed(api, target, verb)) {
                    return Optional.of(target.told(verb));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean allowed(Api api, Target target, String verb) {
        var review =
                new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withGroup(target.group())
                        .withResource(target.resource())
                        .withNamespace(target.namespace().isEmpty() ? null : target.namespace())
                        .withVerb(verb)
                        .endResourceAttributes()
                        .endSpec()
                        .build();
        SelfSubjectAccessReview answer =
                api.<@Nullable SelfSubjectAccessReview>call(
                        "ask which rights you have", client -> answer(client, review));
        // Where it cannot be asked the apply itself will tell.
        return answer == null
                || (answer.getStatus() != null
                        && Boolean.TRUE.equals(answer.getStatus().getAllowed()));
    }

    private static @Nullable SelfSubjectAccessReview answer(
            KubernetesClient client, SelfSubjectAccessReview review) {
        try {
            return client.authorization().v1().selfSubjectAccessReview().create(review);
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404 || e.getCode() == 405) {
                return null;
            }
            throw e;
        }
    }
}
