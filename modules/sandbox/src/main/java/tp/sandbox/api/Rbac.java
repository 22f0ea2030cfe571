package tp.sandbox.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** Role-based access control. Read off the store at each question, so it is never stale. */
final class Rbac {

    private final ObjectStore store;

    Rbac(ObjectStore store) {
        this.store = store;
    }

    /** {@return why it is allowed; nothing if it is not} */
    Optional<String> allows(User user, Access access) {
        if (user.groups().contains(User.MASTERS)) {
            return Optional.of("");
        }
        return grants(user, access.namespace()).stream()
                .filter(grant -> matches(grant.rule(), access))
                .map(Grant::reason)
                .findFirst();
    }

    /** A rule that holds for somebody. */
    private record Grant(JsonNode rule, String reason) {}

    /** {@return the rules that hold for a user in a namespace} */
    List<JsonNode> rules(User user, String namespace) {
        return grants(user, namespace).stream().map(Grant::rule).toList();
    }

    private List<Grant> grants(User user, String namespace) {
        List<Grant> grants = new ArrayList<>();
        collect(Resources.CLUSTER_ROLE_BINDINGS, user, "", grants);
        if (!namespace.isEmpty()) {
            collect(Resources.ROLE_BINDINGS, user, namespace, grants);
        }
        return grants;
    }

    private void collect(ResourceType type, User user, String namespace, List<Grant> grants) {
        for (ObjectNode binding : store.snapshot(type, namespace).objects()) {
            for (JsonNode subject : binding.path("subjects")) {
                if (isSubject(user, subject, namespace)) {
                    String reason = reason(type, binding, subject);
                    for (JsonNode rule : rulesOf(binding.path("roleRef"), namespace)) {
                        grants.add(new Grant(rule, reason));
                    }
                    break;
                }
            }
        }
    }

    private static String reason(ResourceType type, ObjectNode binding, JsonNode subject) {
        String namespace = Meta.namespace(binding);
        String name = Meta.name(binding) + (namespace.isEmpty() ? "" : "/" + namespace);
        return "RBAC: allowed by %s \"%s\" of %s \"%s\" to %s \"%s\""
                .formatted(
                        type.kind(),
                        name,
                        binding.at("/roleRef/kind").asString(""),
                        binding.at("/roleRef/name").asString(""),
                        subject.path("kind").asString(""),
                        subject.path("name").asString(""));
    }

    private static boolean isSubject(User user, JsonNode subject, String namespace) {
        String name = subject.path("name").asString("");
        return switch (subject.path("kind").asString("")) {
            case "User" -> name.equals(user.name());
            case "Group" -> user.groups().contains(name);
            case "ServiceAccount" ->
                    User.serviceAccount(subject.path("namespace").asString(namespace), name, "")
                            .name()
                            .equals(user.name());
            default -> false;
        };
    }

    List<JsonNode> rulesOf(JsonNode reference, String namespace) {
        String name = reference.path("name").asString("");
        ResourceType type =
                reference.path("kind").asString("").equals("Role")
                        ? Resources.ROLES
                        : Resources.CLUSTER_ROLES;
        Optional<ObjectNode> role = store.get(type, namespace, name);
        List<JsonNode> rules = new ArrayList<>();
        role.ifPresent(found -> found.path("rules").forEach(rules::add));
        role.map(found -> found.at("/aggregationRule/clusterRoleSelectors"))
                .ifPresent(selectors -> selectors.forEach(one -> aggregate(one, rules)));
        return rules;
    }

    private void aggregate(JsonNode selector, List<JsonNode> rules) {
        var wanted = Meta.strings(selector.path("matchLabels")).entrySet();
        for (ObjectNode role : store.snapshot(Resources.CLUSTER_ROLES, "").objects()) {
            if (!wanted.isEmpty() && Meta.labels(role).entrySet().containsAll(wanted)) {
                role.path("rules").forEach(rules::add);
            }
        }
    }

    static boolean matches(JsonNode rule, Access access) {
        if (!has(rule.path("verbs"), access.verb())) {
            return false;
        }
        if (access.resource().isEmpty()) {
            return rule.path("nonResourceURLs")
                    .valueStream()
                    .anyMatch(url -> matchesPath(url.asString(""), access.path()));
        }
        JsonNode names = rule.path("resourceNames");
        return has(rule.path("apiGroups"), access.group())
                && rule.path("resources")
                        .valueStream()
                        .anyMatch(one -> matchesResource(one.asString(""), access.resource()))
                && (names.isEmpty() || contains(names, access.name()));
    }

    private static boolean matchesResource(String rule, String resource) {
        int slash = resource.indexOf('/');
        return rule.equals("*")
                || rule.equals(resource)
                || (slash >= 0 && rule.equals("*" + resource.substring(slash)));
    }

    private static boolean matchesPath(String rule, String path) {
        return rule.endsWith("*")
                ? path.startsWith(rule.substring(0, rule.length() - 1))
                : rule.equals(path);
    }

    private static boolean has(JsonNode list, String word) {
        return contains(list, "*") || contains(list, word);
    }

    private static boolean contains(JsonNode list, String word) {
        return list.valueStream().anyMatch(item -> item.asString("").equals(word));
    }
}
