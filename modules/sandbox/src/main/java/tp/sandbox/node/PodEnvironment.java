package tp.sandbox.node;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private final ObjectStore store;

    PodEnvironment(ObjectStore store) {
        this.store = store;
    }

    Map<String, String> variables(
            ObjectNode pod, JsonNode container, String hostname, Path javaHome)
            throws NotStartedException {
        Map<String, String> variables = new LinkedHashMap<>();
        // As in a Java image: the runtime's programs are on the path.
        variables.put(
                "PATH",
                javaHome.resolve("bin")
                        + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        variables.put("JAVA_HOME", javaHome.toString());
        variables.put("HOSTNAME", hostname);
        variables.put("HOME", "/tmp");
        variables.put("LANG", "C.UTF-8");
        String namespace = Json.namespace(pod);
        addServices(variables, pod);
        for (JsonNode source : Json.items(container, "/envFrom")) {
            String prefix = Json.text(source, "/prefix");
            for (ResourceType type : List.of(Resources.CONFIG_MAPS, Resources.SECRETS)) {
                String field = type.equals(Resources.SECRETS) ? "secretRef" : "configMapRef";
                if (source.has(field)) {
                    Optional<ConfigEntries> all = find(type, namespace, source.path(field));
                    all.ifPresent(
                            found ->
                                    found.entries()
                                            .keySet()
                                            .forEach(
                                                    key ->
                                                            found.text(key)
                                                                    .ifPresent(
                                                                            value ->
                                                                                    variables.put(
                                                                                            prefix
                                                                                                    + key,
                                                                                            value))));
                }
            }
        }
        for (JsonNode variable : Json.items(container, "/env")) {
            Optional<String> value = value(pod, container, variable, variables);
            value.ifPresent(text -> variables.put(Json.text(variable, "/name"), text));
        }
        return variables;
    }

    /** Every pod knows the API server; with {@code enableServiceLinks} also its own namespace's. */
    private void addServices(Map<String, String> variables, ObjectNode pod) {
        String namespace = Json.namespace(pod);
        if (pod.at("/spec/enableServiceLinks").asBoolean(true)) {
            for (ObjectNode service : store.list(Resources.SERVICES, namespace)) {
                addService(variables, service);
            }
        }
        store.get(Resources.SERVICES, "default", "kubernetes")
                .ifPresent(service -> addService(variables, service));
    }

    private static void addService(Map<String, String> variables, ObjectNode service) {
        String address = Json.text(service, "/spec/clusterIP");
        if (address.isEmpty() || address.equals("None")) {
            return;
        }
        String name = upper(Json.name(service));
        variables.put(name + "_SERVICE_HOST", address);
        boolean isFirst = true;
        for (JsonNode port : Json.items(service, "/spec/ports")) {
            String number = Integer.toString(Json.number(port, "/port", 0));
            String protocol = port.path("protocol").asString("TCP");
            if (isFirst) {
                variables.put(name + "_SERVICE_PORT", number);
                variables.put(name + "_PORT", url(protocol, address, number));
                isFirst = false;
            }
            if (!Json.text(port, "/name").isEmpty()) {
                variables.put(name + "_SERVICE_PORT_" + upper(Json.text(port, "/name")), number);
            }
            String prefix = name + "_PORT_" + number + "_" + protocol;
            variables.put(prefix, url(protocol, address, number));
            variables.put(prefix + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            variables.put(prefix + "_PORT", number);
            variables.put(prefix + "_ADDR", address);
        }
    }

    private static String url(String protocol, String address, String port) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        return protocol.toLowerCase(Locale.ROOT) + "://" + host + ":" + port;
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
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

    private Optional<String> value(
            ObjectNode pod, JsonNode container, JsonNode variable, Map<String, String> variables)
            throws NotStartedException {
        JsonNode from = variable.path("valueFrom");
        String namespace = Json.namespace(pod);
        if (from.has("fieldRef")) {
            return Optional.of(PodFields.field(pod, Json.text(from, "/fieldRef/fieldPath")));
        } else if (from.has("resourceFieldRef")) {
            JsonNode reference = from.path("resourceFieldRef");
            return Optional.of(
                    reference.has("containerName")
                            ? PodFields.resource(pod, reference)
                            : PodFields.resourceOf(container, reference));
        } else if (from.has("configMapKeyRef")) {
            return one(Resources.CONFIG_MAPS, namespace, from.path("configMapKeyRef"));
        } else if (from.has("secretKeyRef")) {
            return one(Resources.SECRETS, namespace, from.path("secretKeyRef"));
        }
        return Optional.of(expand(Json.text(variable, "/value"), variables));
    }

    private Optional<String> one(ResourceType type, String namespace, JsonNode reference)
            throws NotStartedException {
        Optional<ConfigEntries> found = find(type, namespace, reference);
        String key = Json.text(reference, "/key");
        Optional<String> value = found.flatMap(entries -> entries.text(key));
        if (value.isEmpty() && !Json.flag(reference, "/optional")) {
            throw refused(
                    "couldn't find key %s in %s %s/%s"
                            .formatted(key, type.kind(), namespace, Json.text(reference, "/name")));
        }
        return value;
    }

    private Optional<ConfigEntries> find(ResourceType type, String namespace, JsonNode reference)
            throws NotStartedException {
        String name = Json.text(reference, "/name");
        Optional<ConfigEntries> found = ConfigEntries.find(store, type, namespace, name);
        if (found.isEmpty() && !Json.flag(reference, "/optional")) {
            throw refused(ConfigEntries.notFound(type, name));
        }
        return found;
    }

    private static NotStartedException refused(String message) {
        return new NotStartedException("CreateContainerConfigError", message);
    }
}
