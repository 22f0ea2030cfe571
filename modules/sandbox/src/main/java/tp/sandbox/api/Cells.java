package tp.sandbox.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;

/** The texts in the tables of {@code kubectl get}. */
final class Cells {

    private static final String NONE = "<none>";

    private Cells() {}

    static String of(ResourceType type, String column, ObjectNode object) {
        return switch (column) {
            case "Age" -> age(object.at("/metadata/creationTimestamp").asString(""));
            case "Created_At" -> object.at("/metadata/creationTimestamp").asString("");
            case "Selector" -> selector(object.at("/spec/selector"));
            case "Containers" -> containers(object, "name");
            case "Images" -> containers(object, "image");
            case "Data" ->
                    Integer.toString(object.path("data").size() + object.path("binaryData").size());
            case "Type" ->
                    object.has("spec")
                            ? object.at("/spec/type").asString("")
                            : object.path("type").asString("");
            default ->
                    switch (type.kind()) {
                        case "Pod" -> pod(column, object);
                        case "Service" -> service(column, object);
                        case "Deployment" -> deployment(column, object);
                        case "ReplicaSet" -> replicaSet(column, object);
                        case "StatefulSet" -> deployment(column, object);
                        case "DaemonSet" -> WorkloadCells.daemonSet(column, object);
                        case "Job" -> WorkloadCells.job(column, object);
                        case "Node" -> node(column, object);
                        case "Namespace" -> object.at("/status/phase").asString("");
                        case "ServiceAccount" -> Integer.toString(object.path("secrets").size());
                        case "EndpointSlice" -> slice(column, object);
                        case "RoleBinding", "ClusterRoleBinding" -> binding(column, object);
                        case "NetworkPolicy" -> selector(object.at("/spec/podSelector"));
                        case "ServiceCIDR" -> texts(object.at("/spec/cidrs"), "");
                        case "Lease" -> object.at("/spec/holderIdentity").asString("");
                        case "Event" -> event(column, object);
                        default -> NONE;
                    };
        };
    }

    /** The way kubectl's own printers write a duration: two units at most. */
    static String age(String since) {
        if (since.isEmpty()) {
            return "<unknown>";
        }
        return age(since, Instant.now());
    }

    static String age(String since, Instant until) {
        Duration age = Duration.between(Instant.parse(since), until);
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 600) {
            return seconds / 60 + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
        }
        if (seconds < 3 * 3600) {
            return seconds / 60 + "m";
        }
        if (seconds < 8 * 3600) {
            long minutes = seconds / 60 % 60;
            return seconds / 3600 + "h" + (minutes == 0 ? "" : minutes + "m");
        }
        return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    private static String pod(String column, ObjectNode pod) {
        List<JsonNode> statuses = pod.at("/status/containerStatuses").valueStream().toList();
        return switch (column) {
            case "Ready" ->
                    statuses.stream()
                                    .filter(status -> status.path("ready").asBoolean(false))
                                    .count()
                            + "/"
                            + pod.at("/spec/containers").size();
            case "Status" -> podStatus(pod, statuses);
            case "Restarts" ->
                    Integer.toString(
                            statuses.stream()
                                    .mapToInt(status -> status.path("restartCount").asInt(0))
                                    .sum());
            case "IP" -> orNone(pod.at("/status/podIP").asString(""));
            case "Node" -> orNone(pod.at("/spec/nodeName").asString(""));
            default -> NONE;
        };
    }

    private static String podStatus(ObjectNode pod, List<JsonNode> statuses) {
        if (Meta.isBeingDeleted(pod)) {
            return "Terminating";
        }
        String reason = pod.at("/status/phase").asString("Unknown");
        for (JsonNode status : statuses) {
            String waiting = status.at("/state/waiting/reason").asString("");
            String ended = status.at("/state/terminated/reason").asString("");
            reason = !waiting.isEmpty() ? waiting : !ended.isEmpty() ? ended : reason;
        }
        return pod.at("/status/reason").asString(reason);
    }

    private static String service(String column, ObjectNode service) {
        String type = service.at("/spec/type").asString("");
        return switch (column) {
            case "Cluster-IP" -> orNone(service.at("/spec/clusterIP").asString(""));
            case "External-IP" ->
                    switch (type) {
                        case "ExternalName" -> service.at("/spec/externalName").asString("");
                        case "LoadBalancer" -> "<pending>";
                        default -> orNone(texts(service.at("/spec/externalIPs"), ""));
                    };
            default -> orNone(ports(service));
        };
    }

    private static String ports(ObjectNode service) {
        List<String> ports = new ArrayList<>();
        for (JsonNode port : service.at("/spec/ports")) {
            String node = port.has("nodePort") ? ":" + port.path("nodePort").asInt() : "";
            ports.add(
                    port.path("port").asInt(0)
                            + node
                            + "/"
                            + port.path("protocol").asString("TCP"));
        }
        return String.join(",", ports);
    }

    private static String deployment(String column, ObjectNode object) {
        JsonNode status = object.path("status");
        return switch (column) {
            case "Ready" ->
                    status.path("readyReplicas").asInt(0)
                            + "/"
                            + object.at("/spec/replicas").asInt(0);
            case "Up-to-date" -> Integer.toString(status.path("updatedReplicas").asInt(0));
            default -> Integer.toString(status.path("availableReplicas").asInt(0));
        };
    }

    private static String replicaSet(String column, ObjectNode object) {
        JsonNode status = object.path("status");
        return Integer.toString(
                switch (column) {
                    case "Desired" -> object.at("/spec/replicas").asInt(0);
                    case "Current" -> status.path("replicas").asInt(0);
                    default -> status.path("readyReplicas").asInt(0);
                });
    }

    private static String node(String column, ObjectNode node) {
        return switch (column) {
            case "Status" ->
                    node.at("/status/conditions")
                                    .valueStream()
                                    .anyMatch(
                                            condition ->
                                                    condition
                                                                    .path("type")
                                                                    .asString("")
                                                                    .equals("Ready")
                                                            && condition
                                                                    .path("status")
                                                                    .asString("")
                                                                    .equals("True"))
                            ? "Ready"
                            : "NotReady";
            case "Version" -> node.at("/status/nodeInfo/kubeletVersion").asString("");
            case "Internal-IP" -> orNone(node.at("/status/addresses/0/address").asString(""));
            default -> NONE;
        };
    }

    private static String slice(String column, ObjectNode slice) {
        return switch (column) {
            case "AddressType" -> slice.path("addressType").asString("");
            case "Ports" -> orUnset(texts(slice.path("ports"), "port"));
            default ->
                    orUnset(
                            slice.path("endpoints")
                                    .valueStream()
                                    .map(endpoint -> texts(endpoint.path("addresses"), ""))
                                    .collect(Collectors.joining(",")));
        };
    }

    private static String binding(String column, ObjectNode binding) {
        return column.equals("Role")
                ? binding.at("/roleRef/kind").asString("")
                        + "/"
                        + binding.at("/roleRef/name").asString("")
                : texts(binding.path("subjects"), "name");
    }

    private static String event(String column, ObjectNode event) {
        return switch (column) {
            case "Object" ->
                    event.at("/involvedObject/kind").asString("").toLowerCase(java.util.Locale.ROOT)
                            + "/"
                            + event.at("/involvedObject/name").asString("");
            case "Reason" -> event.path("reason").asString("");
            default -> event.path("message").asString("");
        };
    }

    private static String selector(JsonNode selector) {
        JsonNode labels = selector.has("matchLabels") ? selector.path("matchLabels") : selector;
        return orNone(
                Meta.strings(labels).entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(",")));
    }

    private static String containers(ObjectNode object, String field) {
        return texts(object.at("/spec/template/spec/containers"), field);
    }

    private static String texts(JsonNode list, String field) {
        return list.valueStream()
                .map(item -> (field.isEmpty() ? item : item.path(field)).asString(""))
                .collect(Collectors.joining(","));
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    private static String orUnset(String text) {
        return text.isEmpty() ? "<unset>" : text;
    }
}
