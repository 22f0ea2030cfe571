package tp.sandbox.api;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** Tells clients what there is: {@code /version}, {@code /api}, {@code /apis}, OpenAPI. */
final class Discovery {

    /** The Kubernetes release whose behaviour is followed. */
    static final String GIT_VERSION = "v1.33.0";

    /** Something that is only asked, never kept. */
    private record Question(String group, String plural, String kind, boolean namespaced) {}

    private static final List<Question> QUESTIONS =
            List.of(
                    new Question("authentication.k8s.io", "tokenreviews", "TokenReview", false),
                    new Question(
                            "authentication.k8s.io",
                            "selfsubjectreviews",
                            "SelfSubjectReview",
                            false),
                    new Question(
                            "authorization.k8s.io",
                            "subjectaccessreviews",
                            "SubjectAccessReview",
                            false),
                    new Question(
                            "authorization.k8s.io",
                            "selfsubjectaccessreviews",
                            "SelfSubjectAccessReview",
                            false),
                    new Question(
                            "authorization.k8s.io",
                            "selfsubjectrulesreviews",
                            "SelfSubjectRulesReview",
                            false),
                    new Question(
                            "authorization.k8s.io",
                            "localsubjectaccessreviews",
                            "LocalSubjectAccessReview",
                            true));

    private Discovery() {}

    /** {@return whether a target is only asked, never kept} */
    static boolean isQuestion(Target target) {
        return target.version().equals("v1")
                && target.isCollection()
                && QUESTIONS.stream()
                        .anyMatch(
                                question ->
                                        question.group().equals(target.group())
                                                && question.plural().equals(target.resource()));
    }

    static Optional<ObjectNode> find(String path) {
        String trimmed =
                path.length() > 1 && path.endsWith("/")
                        ? path.substring(0, path.length() - 1)
                        : path;
        return switch (trimmed) {
            case "/version" -> Optional.of(version());
            case "/api" -> Optional.of(coreVersions());
            case "/apis" -> Optional.of(groups());
            case "/api/v1" -> Optional.of(resources(""));
            case "/openapi/v3" -> Optional.of(openApiIndex());
            default -> inGroups(trimmed);
        };
    }

    private static Optional<ObjectNode> inGroups(String path) {
        if (path.equals("/openapi/v3/api/v1")) {
            return Optional.of(OpenApi.document("", GIT_VERSION));
        }
        for (String group : groupNames()) {
            if (path.equals("/apis/" + group)) {
                return Optional.of(group(group).put("kind", "APIGroup").put("apiVersion", "v1"));
            }
            if (path.equals("/apis/" + group + "/v1")) {
                return Optional.of(resources(group));
            }
            if (path.equals("/openapi/v3/apis/" + group + "/v1")) {
                return Optional.of(OpenApi.document(group, GIT_VERSION));
            }
        }
        return Optional.empty();
    }

    private static Set<String> groupNames() {
        Set<String> names = new LinkedHashSet<>();
        Resources.all().forEach(type -> names.add(type.group()));
        QUESTIONS.forEach(question -> names.add(question.group()));
        names.remove("");
        return names;
    }

    private static ObjectNode version() {
        return Meta.newObject()
                .put("major", "1")
                .put("minor", "33")
                .put("gitVersion", GIT_VERSION + "+tp")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "2026-01-01T00:00:00Z")
                .put("goVersion", "")
                .put("compiler", "")
                .put("platform", "linux/amd64");
    }

    private static ObjectNode coreVersions() {
        ObjectNode json = Meta.newObject().put("kind", "APIVersions");
        json.putArray("versions").add("v1");
        json.putArray("serverAddressByClientCIDRs");
        return json;
    }

    private static ObjectNode groups() {
        ObjectNode json = Meta.newObject().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = json.putArray("groups");
        groupNames().forEach(name -> groups.add(group(name)));
        return json;
    }

    private static ObjectNode group(String name) {
        ObjectNode json = Meta.newObject().put("name", name);
        ObjectNode version =
                Meta.newObject().put("groupVersion", name + "/v1").put("version", "v1");
        json.putArray("versions").add(version);
        json.set("preferredVersion", version.deepCopy());
        return json;
    }

    private static ObjectNode resources(String group) {
        ObjectNode json = Meta.newObject().put("kind", "APIResourceList").put("apiVersion", "v1");
        json.put("groupVersion", group.isEmpty() ? "v1" : group + "/v1");
        ArrayNode list = json.putArray("resources");
        for (ResourceType type : Resources.all()) {
            if (type.group().equals(group)) {
                describe(type, list);
            }
        }
        for (Question question : QUESTIONS) {
            if (question.group().equals(group)) {
                list.addObject()
                        .put("name", question.plural())
                        .put("singularName", question.kind().toLowerCase(Locale.ROOT))
                        .put("namespaced", question.namespaced())
                        .put("kind", question.kind())
                        .putArray("verbs")
                        .add("create");
            }
        }
        return json;
    }

    private static void describe(ResourceType type, ArrayNode list) {
        ObjectNode json =
                list.addObject()
                        .put("name", type.plural())
                        .put("singularName", type.singular())
                        .put("namespaced", type.namespaced())
                        .put("kind", type.kind());
        ArrayNode verbs = json.putArray("verbs");
        List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
                .forEach(verbs::add);
        if (!type.shortNames().isEmpty()) {
            ArrayNode names = json.putArray("shortNames");
            type.shortNames().forEach(names::add);
        }
        if (List.of("pods", "services", "deployments", "replicasets").contains(type.plural())) {
            json.putArray("categories").add("all");
        }
        type.subresources().forEach(name -> describe(type, name, list));
    }

    private static void describe(ResourceType type, String subresource, ArrayNode list) {
        ObjectNode json =
                list.addObject()
                        .put("name", type.plural() + "/" + subresource)
                        .put("singularName", "")
                        .put("namespaced", type.namespaced());
        ArrayNode verbs = json.putArray("verbs");
        switch (subresource) {
            case "scale" -> {
                json.put("group", "autoscaling").put("version", "v1").put("kind", "Scale");
                verbs.add("get").add("patch").add("update");
            }
            case "token" -> {
                json.put("group", "authentication.k8s.io")
                        .put("version", "v1")
                        .put("kind", "TokenRequest");
                verbs.add("create");
            }
            case "portforward" -> {
                json.put("kind", "PodPortForwardOptions");
                verbs.add("create").add("get");
            }
            case "exec", "attach" -> {
                json.put(
                        "kind", subresource.equals("exec") ? "PodExecOptions" : "PodAttachOptions");
                verbs.add("create").add("get");
            }
            case "proxy" -> {
                json.put("kind", type.kind() + "ProxyOptions");
                List.of("create", "delete", "get", "patch", "update").forEach(verbs::add);
            }
            case "eviction" -> {
                json.put("group", "policy").put("version", "v1").put("kind", "Eviction");
                verbs.add("create");
            }
            case "log" -> {
                json.put("kind", type.kind());
                verbs.add("get");
            }
            case "binding" -> {
                json.put("kind", "Binding");
                verbs.add("create");
            }
            case "finalize" -> {
                json.put("kind", type.kind());
                verbs.add("update");
            }
            default -> {
                json.put("kind", type.kind());
                verbs.add("get").add("patch").add("update");
            }
        }
    }

    private static ObjectNode openApiIndex() {
        ObjectNode json = Meta.newObject();
        ObjectNode paths = json.putObject("paths");
        List<String> versions = new ArrayList<>(List.of("api/v1"));
        groupNames().forEach(name -> versions.add("apis/" + name + "/v1"));
        for (String version : versions) {
            paths.putObject(version).put("serverRelativeURL", "/openapi/v3/" + version + "?hash=0");
        }
        return json;
    }
}
