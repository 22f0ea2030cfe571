package tp.sandbox.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** Nobody gives away, in roles and bindings, rights that he has not himself. */
final class Escalation {

    private static final String GROUP = "rbac.authorization.k8s.io";

    private final Rbac rbac;

    Escalation(Rbac rbac) {
        this.rbac = rbac;
    }

    /**
     * @param before what there was, empty if nothing
     * @throws ApiException 403 if the user has fewer rights than the object would give
     */
    void check(User user, ResourceType type, ObjectNode before, ObjectNode object) {
        String namespace = Meta.namespace(object);
        if (type.equals(Resources.ROLES) || type.equals(Resources.CLUSTER_ROLES)) {
            boolean isSame = before.path("rules").equals(object.path("rules"));
            boolean mayEscalate = may(user, "escalate", type.plural(), namespace, object);
            if (!isSame && !mayEscalate) {
                require(user, type, object, object.path("rules").valueStream().toList());
            }
        } else if (type.equals(Resources.ROLE_BINDINGS)
                || type.equals(Resources.CLUSTER_ROLE_BINDINGS)) {
            JsonNode role = object.path("roleRef");
            boolean isSame =
                    before.path("subjects").equals(object.path("subjects"))
                            && before.path("roleRef").equals(role);
            String roles = role.path("kind").asString("").equals("Role") ? "roles" : "clusterroles";
            boolean mayBind =
                    rbac.allows(
                                    user,
                                    new Access(
                                            "bind",
                                            GROUP,
                                            roles,
                                            namespace,
                                            role.path("name").asString(""),
                                            ""))
                            .isPresent();
            if (!isSame && !mayBind) {
                require(user, type, object, rbac.rulesOf(role, namespace));
            }
        }
    }

    private boolean may(
            User user, String verb, String resource, String namespace, ObjectNode object) {
        Access access = new Access(verb, GROUP, resource, namespace, Meta.name(object), "");
        return rbac.allows(user, access).isPresent();
    }

    private void require(User user, ResourceType type, ObjectNode object, List<JsonNode> rules) {
        Map<String, List<String>> missing = new LinkedHashMap<>();
        for (JsonNode rule : rules) {
            for (String verb : texts(rule.path("verbs"))) {
                for (Access access : accesses(rule, verb, Meta.namespace(object))) {
                    if (rbac.allows(user, access).isEmpty()) {
                        missing.computeIfAbsent(shown(access), key -> new ArrayList<>()).add(verb);
                    }
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        String list =
                missing.entrySet().stream()
                        .map(one -> "{%s, Verbs:%s}".formatted(one.getKey(), go(one.getValue())))
                        .collect(Collectors.joining("\n"));
        throw ApiException.forbidden(
                type,
                Meta.name(object),
                "user \"%s\" (groups=%s) is attempting to grant RBAC permissions not currently held:\n%s"
                        .formatted(user.name(), go(user.groups()), list));
    }

    /** A rule as the single things that it allows with one verb. */
    private static List<Access> accesses(JsonNode rule, String verb, String namespace) {
        List<Access> accesses = new ArrayList<>();
        texts(rule.path("nonResourceURLs"))
                .forEach(path -> accesses.add(Access.toPath(verb, path)));
        List<String> names = texts(rule.path("resourceNames"));
        for (String group : texts(rule.path("apiGroups"))) {
            for (String resource : texts(rule.path("resources"))) {
                for (String name : names.isEmpty() ? List.of("") : names) {
                    accesses.add(new Access(verb, group, resource, namespace, name, ""));
                }
            }
        }
        return accesses;
    }

    private static String shown(Access access) {
        if (access.resource().isEmpty()) {
            return "NonResourceURLs:" + go(List.of(access.path()));
        }
        String names =
                access.name().isEmpty() ? "" : ", ResourceNames:" + go(List.of(access.name()));
        return "APIGroups:%s, Resources:%s%s"
                .formatted(go(List.of(access.group())), go(List.of(access.resource())), names);
    }

    private static String go(List<String> words) {
        return words.stream()
                .map(word -> "\"" + word + "\"")
                .collect(Collectors.joining(" ", "[", "]"));
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(item -> item.asString("")).toList();
    }
}
