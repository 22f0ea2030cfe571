package tp.sandbox.api;

import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * How lists merge: the {@code patchStrategy} and {@code patchMergeKey} tags of the Kubernetes API
 * types that this cluster has, by the name of the field.
 */
final class MergeKeys {

    private static final Map<String, String> KEYS =
            Map.ofEntries(
                    Map.entry("containers", "name"),
                    Map.entry("initContainers", "name"),
                    Map.entry("ephemeralContainers", "name"),
                    Map.entry("volumes", "name"),
                    Map.entry("env", "name"),
                    Map.entry("volumeMounts", "mountPath"),
                    Map.entry("volumeDevices", "devicePath"),
                    Map.entry("imagePullSecrets", "name"),
                    Map.entry("secrets", "name"),
                    Map.entry("hostAliases", "ip"),
                    Map.entry("topologySpreadConstraints", "topologyKey"),
                    Map.entry("conditions", "type"),
                    Map.entry("ownerReferences", "uid"),
                    Map.entry("podIPs", "ip"),
                    Map.entry("hostIPs", "ip"),
                    Map.entry("addresses", "type"),
                    Map.entry("resourceClaims", "name"));

    private static final Set<String> SETS = Set.of("finalizers", "podCIDRs");

    private MergeKeys() {}

    /**
     * {@return the field that identifies a list's items; empty for a list that is replaced as a
     * whole}
     */
    static String key(String field, JsonNode list) {
        if (field.equals("ports")) {
            return ports(list);
        }
        // The addresses of an EndpointSlice are strings, those of a Node are objects.
        boolean areObjects = list.valueStream().allMatch(JsonNode::isObject);
        return areObjects ? KEYS.getOrDefault(field, "") : "";
    }

    /** A Service's ports merge by port, a container's by containerPort, a slice's not at all. */
    private static String ports(JsonNode list) {
        if (!list.isEmpty() && list.valueStream().allMatch(port -> port.has("containerPort"))) {
            return "containerPort";
        }
        // Deletion directives name the key and nothing else.
        return !list.isEmpty() && list.valueStream().allMatch(port -> port.has("port"))
                ? "port"
                : "";
    }

    /** {@return whether a list of plain values merges as a set} */
    static boolean isSet(String field) {
        return SETS.contains(field);
    }
}
