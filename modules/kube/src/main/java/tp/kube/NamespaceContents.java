package tp.kube;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tp.spi.common.TpException;

/** What is in the manager's namespace that neither an install nor Kubernetes has put there. */
final class NamespaceContents {

    /** By group, the kinds of which people keep something in a namespace. */
    private static final Map<String, List<String>> KINDS =
            new TreeMap<>(
                    Map.of(
                            "",
                            List.of(
                                    "configmaps",
                                    "persistentvolumeclaims",
                                    "pods",
                                    "secrets",
                                    "serviceaccounts",
                                    "services"),
                            "apps",
                            List.of("daemonsets", "deployments", "statefulsets"),
                            "batch",
                            List.of("cronjobs", "jobs"),
                            "networking.k8s.io",
                            List.of("ingresses", "networkpolicies"),
                            "rbac.authorization.k8s.io",
                            List.of("rolebindings", "roles")));

    /** What every namespace has. */
    private static final Set<String> USUAL =
            Set.of("configmaps kube-root-ca.crt", "serviceaccounts default");

    private static final int MOST_TOLD = 5;

    private final Api api;
    private final String namespace;

    NamespaceContents(Api api, String namespace) {
        this.api = api;
        this.namespace = namespace;
    }

    /** {@return such as {@code serviceaccounts tp-client-alice}; or why that is not known} */
    List<String> others() {
        Set<String> others = new TreeSet<>();
        KINDS.forEach((group, kinds) -> kinds.forEach(kind -> others.addAll(listed(group, kind))));
        others.removeAll(USUAL);
        List<String> told = new ArrayList<>(others.stream().limit(MOST_TOLD).toList());
        if (others.size() > MOST_TOLD) {
            told.add("and " + (others.size() - MOST_TOLD) + " more");
        }
        return told;
    }

    static Map<String, List<String>> kinds() {
        return Collections.unmodifiableMap(KINDS);
    }

    private List<String> listed(String group, String kind) {
        String path = group.isEmpty() ? "/api/v1" : "/apis/" + group + "/v1";
        String place = path + "/namespaces/" + namespace + "/" + kind;
        try {
            return api.read("list the " + kind + " of " + namespace, place).stream()
                    .flatMap(list -> list.path("items").valueStream())
                    .filter(one -> !one.at("/metadata").hasNonNull("deletionTimestamp"))
                    .map(one -> kind + " " + name(one))
                    .toList();
        } catch (TpException e) {
            if (Failures.code(e) == 403) {
                return List.of(kind + " that you may not see");
            }
            throw e;
        }
    }

    private static String name(JsonNode object) {
        return Failures.oneLine(object.at("/metadata/name").asString(""));
    }
}
