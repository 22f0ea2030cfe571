package tp.sandbox.node;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** A container's environment variables and the places where a command refers to them. */
final class PodEnvironment {

    private static final Pattern REFERENCE =
            Pattern.compile("\\$(\\$|\\(([A-Za-z_.-][A-Za-z0-9_.-]*)\\))");
    private static final Pattern KEYED_FIELD =
            Pattern.compile("metadata\\.(labels|annotations)\\['(.+)'\\]");

    private final ObjectStore store;
    private final JavaRuntime runtime;

    PodEnvironment(ObjectStore store, JavaRuntime runtime) {
        this.store = store;
        this.runtime = runtime;
    }

    Map<String, String> variables(ObjectNode pod, JsonNode container, String hostname) {
        Map<String, String> variables = new LinkedHashMap<>();
        // As in a Java image: the runtime's programs are on the path.
        variables.put(
                "PATH",
                runtime.home().resolve("bin")
                        + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        variables.put("JAVA_HOME", runtime.home().toString());
        variables.put("HOSTNAME", hostname);
        variables.put("HOME", "/tmp");
        variables.put("LANG", "C.UTF-8");
        variables.put("KUBERNETES_SERVICE_HOST", NodeNetwork.API_SERVICE_ADDRESS);
        variables.put("KUBERNETES_SERVICE_PORT", "443");
        variables.put("KUBERNETES_SERVICE_PORT_HTTPS", "443");
        String namespace = Json.namespace(pod);
        for (JsonNode source : Json.items(container, "/envFrom")) {
            String prefix = Json.text(source, "/prefix");
            all(Resources.CONFIG_MAPS, namespace, Json.text(source, "/configMapRef/name"))
                    .forEach((key, value) -> variables.put(prefix + key, value));
            all(Resources.SECRETS, namespace, Json.text(source, "/secretRef/name"))
                    .forEach((key, value) -> variables.put(prefix + key, value));
        }
        for (JsonNode variable : Json.items(container, "/env")) {
            value(pod, variable, variables)
                    .ifPresent(value -> variables.put(Json.text(variable, "/name"), value));
        }
        return variables;
    }

    /** Replaces {@code $(NAME)}; {@code $$} stands for one dollar, an unknown name for itself. */
    static String expand(String text, Map<String, String> variables) {
        return REFERENCE
                .matcher(text)
                .replaceAll(
                        match ->
                                Matcher.quoteReplacement(
                                        match.group(2) == null
                                                ? "$"
                                                : variables.getOrDefault(
                                                        match.group(2), match.group())));
    }

    static List<String> expand(List<String> texts, Map<String, String> variables) {
        return texts.stream().map(text -> expand(text, variables)).toList();
    }

    /** {@return a field of the pod, by the path that fieldRef uses} */
    static String field(ObjectNode pod, String path) {
        Matcher keyed = KEYED_FIELD.matcher(path);
        if (keyed.matches()) {
            return pod.path("metadata").path(keyed.group(1)).path(keyed.group(2)).asString("");
        }
        if (path.equals("status.podIPs")) {
            return String.join(
                    ",",
                    Json.items(pod, "/status/podIPs").stream()
                            .map(entry -> Json.text(entry, "/ip"))
                            .toList());
        }
        return Json.text(pod, "/" + path.replace('.', '/'));
    }

    private Optional<String> value(
            ObjectNode pod, JsonNode variable, Map<String, String> variables) {
        JsonNode from = variable.path("valueFrom");
        String namespace = Json.namespace(pod);
        if (from.has("fieldRef")) {
            return Optional.of(field(pod, Json.text(from, "/fieldRef/fieldPath")));
        } else if (from.has("configMapKeyRef")) {
            return one(Resources.CONFIG_MAPS, namespace, from.path("configMapKeyRef"));
        } else if (from.has("secretKeyRef")) {
            return one(Resources.SECRETS, namespace, from.path("secretKeyRef"));
        }
        return Optional.of(expand(Json.text(variable, "/value"), variables));
    }

    private Optional<String> one(ResourceType type, String namespace, JsonNode reference) {
        return Optional.ofNullable(
                all(type, namespace, Json.text(reference, "/name"))
                        .get(Json.text(reference, "/key")));
    }

    private Map<String, String> all(ResourceType type, String namespace, String name) {
        Map<String, String> data =
                name.isEmpty()
                        ? Map.of()
                        : store.get(type, namespace, name)
                                .map(object -> Json.map(object, "/data"))
                                .orElse(Map.of());
        if (type.equals(Resources.SECRETS)) {
            Map<String, String> decoded = new LinkedHashMap<>();
            data.forEach(
                    (key, value) ->
                            decoded.put(
                                    key,
                                    new String(
                                            Base64.getMimeDecoder().decode(value),
                                            StandardCharsets.UTF_8)));
            return decoded;
        }
        return data;
    }
}
