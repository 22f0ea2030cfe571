package tp.sandbox.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Refuses what a real API server refuses, in its words. One use for one object. */
final class Validation {

    private static final Pattern LABEL_VALUE =
            Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern LABEL_NAME =
            Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern QUANTITY =
            Pattern.compile("([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)");
    private static final Pattern CONFIG_KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final Pattern SUFFIX =
            Pattern.compile("|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+");
    private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

    private final List<Status.Cause> causes = new ArrayList<>();

    /** Volumes that a StatefulSet gives to each of its pods. */
    private final Set<String> claims = new HashSet<>();

    private Validation() {}

    static List<Status.Cause> causes(ResourceType type, ObjectNode object) {
        Validation validation = new Validation();
        validation.labels("metadata.labels", object.path("metadata").path("labels"));
        switch (type.kind()) {
            case "Pod" -> validation.podSpec("spec", object.path("spec"));
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet" ->
                    validation.workload(object.path("spec"));
            case "Service" -> validation.service(object.path("spec"));
            case "ConfigMap", "Secret" -> {
                validation.keys(object);
                validation.causes.addAll(ConfigData.causes(type, object));
            }
            case "RoleBinding", "ClusterRoleBinding" -> validation.binding(object);
            default -> {}
        }
        return List.copyOf(validation.causes);
    }

    private void labels(String field, JsonNode labels) {
        for (Map.Entry<String, JsonNode> label : labels.properties()) {
            String key = label.getKey();
            String name = key.substring(key.indexOf('/') + 1);
            if (name.length() > 63 || !LABEL_NAME.matcher(name).matches()) {
                causes.add(
                        Status.Cause.invalid(
                                field,
                                quoted(key),
                                "name part must consist of alphanumeric characters, '-', '_' or"
                                        + " '.', and must start and end with an alphanumeric character"
                                        + " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used"
                                        + " for validation is"
                                        + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
            }
            String value = label.getValue().asString("");
            if (value.length() > 63) {
                causes.add(
                        Status.Cause.invalid(
                                field, quoted(value), "must be no more than 63 characters"));
            } else if (!LABEL_VALUE.matcher(value).matches()) {
                causes.add(
                        Status.Cause.invalid(
                                field,
                                quoted(value),
                                "a valid label must be an empty string or consist of alphanumeric"
                                        + " characters, '-', '_' or '.', and must start and end with"
                                        + " an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
                                        + "  or '12345', regex used for validation is"
                                        + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
            }
        }
    }

    private void workload(JsonNode spec) {
        if (spec.path("replicas").asInt(0) < 0) {
            causes.add(
                    Status.Cause.invalid(
                            "spec.replicas",
                            spec.path("replicas").toString(),
                            "must be greater than or equal to 0"));
        }
        JsonNode selector = spec.path("selector");
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        if (!selector.isObject()) {
            causes.add(Status.Cause.required("spec.selector", ""));
        } else if (selector.isEmpty()) {
            causes.add(
                    Status.Cause.invalid(
                            "spec.selector", "{}", "empty selector is invalid for deployment"));
        }
        boolean matches =
                Meta.strings(labels)
                        .entrySet()
                        .containsAll(Meta.strings(selector.path("matchLabels")).entrySet());
        if (!matches) {
            causes.add(
                    Status.Cause.invalid(
                            "spec.template.metadata.labels",
                            labels.isObject() ? labels.toString() : "null",
                            "`selector` does not match template `labels`"));
        }
        labels("spec.template.metadata.labels", labels);
        spec.path("volumeClaimTemplates")
                .forEach(claim -> claims.add(claim.at("/metadata/name").asString("")));
        podSpec("spec.template.spec", spec.path("template").path("spec"));
    }

    private void podSpec(String field, JsonNode spec) {
        JsonNode containers = spec.path("containers");
        if (containers.isEmpty()) {
            causes.add(Status.Cause.required(field + ".containers", ""));
        }
        Set<String> volumes = new HashSet<>(claims);
        int index = 0;
        for (JsonNode volume : spec.path("volumes")) {
            String name = volume.path("name").asString("");
            name(field + ".volumes[" + index++ + "].name", name);
            volumes.add(name);
        }
        Set<String> names = new HashSet<>();
        for (String list : List.of("initContainers", "containers")) {
            index = 0;
            for (JsonNode container : spec.path(list)) {
                String at = field + "." + list + "[" + index++ + "]";
                String name = container.path("name").asString("");
                name(at + ".name", name);
                if (!names.add(name)) {
                    causes.add(Status.Cause.duplicate(at + ".name", quoted(name)));
                }
                container(at, container, volumes);
            }
        }
    }

    private void name(String field, String name) {
        if (name.isEmpty()) {
            causes.add(Status.Cause.required(field, ""));
            return;
        }
        Optional<String> complaint = Names.label(name);
        complaint.ifPresent(text -> causes.add(Status.Cause.invalid(field, quoted(name), text)));
    }

    private void container(String field, JsonNode container, Set<String> volumes) {
        if (container.path("image").asString("").isEmpty()) {
            causes.add(Status.Cause.required(field + ".image", ""));
        }
        int index = 0;
        for (JsonNode mount : container.path("volumeMounts")) {
            String at = field + ".volumeMounts[" + index++ + "]";
            String name = mount.path("name").asString("");
            if (!volumes.contains(name)) {
                causes.add(
                        new Status.Cause(
                                "FieldValueNotFound", at + ".name", "Not found: " + quoted(name)));
            }
            if (mount.path("mountPath").asString("").isEmpty()) {
                causes.add(Status.Cause.required(at + ".mountPath", ""));
            }
        }
        index = 0;
        for (JsonNode port : container.path("ports")) {
            String at = field + ".ports[" + index++ + "]";
            port(at + ".containerPort", port.path("containerPort"));
            protocol(at + ".protocol", port);
        }
        for (String kind : List.of("limits", "requests")) {
            container
                    .path("resources")
                    .path(kind)
                    .properties()
                    .forEach(entry -> quantity(entry.getValue()));
        }
    }

    /** A real server fails in reading such an object, before it looks at anything else. */
    private static void quantity(JsonNode value) {
        var matcher = QUANTITY.matcher(value.asString(""));
        if (!matcher.matches() || !SUFFIX.matcher(matcher.group(2)).matches()) {
            throw ApiException.badRequest(
                    "the object cannot be read: quantities must match the regular expression"
                            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
    }

    private void port(String field, JsonNode port) {
        if (port.asInt(0) < 1 || port.asInt(0) > 65_535) {
            causes.add(
                    port.isMissingNode()
                            ? Status.Cause.required(field, "")
                            : Status.Cause.invalid(
                                    field,
                                    port.toString(),
                                    "must be between 1 and 65535, inclusive"));
        }
    }

    private void protocol(String field, JsonNode port) {
        String protocol = port.path("protocol").asString("TCP");
        if (!PROTOCOLS.contains(protocol)) {
            causes.add(Status.Cause.unsupported(field, protocol, List.of("SCTP", "TCP", "UDP")));
        }
    }

    private void service(JsonNode spec) {
        String type = spec.path("type").asString("");
        if (!Set.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName").contains(type)) {
            causes.add(
                    Status.Cause.unsupported(
                            "spec.type",
                            type,
                            List.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")));
        }
        boolean isHeadless = spec.path("clusterIP").asString("").equals("None");
        if (type.equals("ExternalName")) {
            if (spec.path("externalName").asString("").isEmpty()) {
                causes.add(Status.Cause.required("spec.externalName", ""));
            }
        } else if (spec.path("ports").isEmpty() && !isHeadless) {
            causes.add(Status.Cause.required("spec.ports", ""));
        }
        labels("spec.selector", spec.path("selector"));
        Set<String> names = new HashSet<>();
        int index = 0;
        for (JsonNode port : spec.path("ports")) {
            String at = "spec.ports[" + index++ + "]";
            port(at + ".port", port.path("port"));
            protocol(at + ".protocol", port);
            String name = port.path("name").asString("");
            if (name.isEmpty() && spec.path("ports").size() > 1) {
                causes.add(Status.Cause.required(at + ".name", ""));
            } else if (!name.isEmpty() && !names.add(name)) {
                causes.add(Status.Cause.duplicate(at + ".name", quoted(name)));
            }
        }
    }

    private void keys(ObjectNode object) {
        for (String part : List.of("data", "binaryData")) {
            for (String key : object.path(part).propertyNames()) {
                if (!CONFIG_KEY.matcher(key).matches() || key.equals(".") || key.equals("..")) {
                    causes.add(
                            Status.Cause.invalid(
                                    part + "[" + key + "]",
                                    quoted(key),
                                    "a valid config key must consist of alphanumeric characters,"
                                            + " '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or"
                                            + " 'key-name', regex used for validation is"
                                            + " '[-._a-zA-Z0-9]+')"));
                }
            }
        }
    }

    private void binding(ObjectNode object) {
        if (object.at("/roleRef/name").asString("").isEmpty()) {
            causes.add(Status.Cause.required("roleRef.name", ""));
        }
        String kind = object.at("/roleRef/kind").asString("");
        if (!Set.of("Role", "ClusterRole").contains(kind)) {
            causes.add(
                    Status.Cause.unsupported("roleRef.kind", kind, List.of("ClusterRole", "Role")));
        }
    }

    /** What may not change. */
    static List<Status.Cause> changeCauses(
            ResourceType type, ObjectNode current, ObjectNode edited) {
        Validation validation = new Validation();
        switch (type.kind()) {
            case "Deployment", "ReplicaSet" ->
                    validation.immutable("spec.selector", "/spec/selector", current, edited);
            case "RoleBinding", "ClusterRoleBinding" -> {
                if (!current.path("roleRef").equals(edited.path("roleRef"))) {
                    validation.causes.add(
                            Status.Cause.invalid(
                                    "roleRef",
                                    edited.path("roleRef").toString(),
                                    "cannot change roleRef"));
                }
            }
            case "Service" -> {
                boolean keepsAddress =
                        !edited.at("/spec/type").asString("").equals("ExternalName")
                                && !current.at("/spec/clusterIP").asString("").isEmpty();
                String address = edited.at("/spec/clusterIP").asString("");
                if (keepsAddress && !current.at("/spec/clusterIP").asString("").equals(address)) {
                    validation.causes.add(
                            Status.Cause.invalid(
                                    "spec.clusterIPs[0]",
                                    "[]string{\"" + address + "\"}",
                                    "may not change once set"));
                }
            }
            case "ConfigMap", "Secret" -> {
                validation.causes.addAll(ConfigData.changeCauses(current, edited));
                if (type.equals(Resources.SECRETS)) {
                    validation.immutable("type", "/type", current, edited);
                }
            }
            case "Pod" -> validation.pod(current, edited);
            default -> {}
        }
        return List.copyOf(validation.causes);
    }

    private void immutable(String field, String pointer, ObjectNode current, ObjectNode edited) {
        JsonNode now = edited.at(pointer);
        if (!current.at(pointer).equals(now)) {
            causes.add(Status.Cause.invalid(field, now.toString(), "field is immutable"));
        }
    }

    /** Only images, deadlines and tolerations of a pod may change, and its node, once. */
    private void pod(ObjectNode current, ObjectNode edited) {
        if (!withoutMutable(current).equals(withoutMutable(edited))) {
            boolean isBinding = current.at("/spec/nodeName").asString("").isEmpty();
            ObjectNode bound = withoutMutable(edited);
            bound.remove("nodeName");
            if (isBinding && bound.equals(withoutMutable(current))) {
                return;
            }
            causes.add(
                    Status.Cause.forbidden(
                            "spec",
                            "pod updates may not change fields other than"
                                    + " `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`"
                                    + " (only additions to existing"
                                    + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to"
                                    + " be set to 1 if it was previously negative)"));
        }
    }

    private static ObjectNode withoutMutable(ObjectNode pod) {
        ObjectNode spec =
                pod.path("spec") instanceof ObjectNode object
                        ? object.deepCopy()
                        : Meta.newObject();
        for (String list : List.of("containers", "initContainers")) {
            Defaults.objects(spec.path(list))
                    .forEach(container -> container.remove(List.of("image", "imagePullPolicy")));
        }
        return spec.remove(
                List.of("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"));
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
