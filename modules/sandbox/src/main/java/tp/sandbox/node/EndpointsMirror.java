package tp.sandbox.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Makes EndpointSlices of the Endpoints that people write for Services without a selector, as
 * Kubernetes' mirroring controller does: one for each subset and address family.
 */
final class EndpointsMirror {

    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String MANAGER = "endpointslicemirroring-controller.k8s.io";
    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";

    private final ObjectStore store;

    EndpointsMirror(ObjectStore store) {
        this.store = store;
    }

    void reconcile() {
        Map<String, ObjectNode> wanted = new HashMap<>();
        List<ObjectNode> endpoints = store.list(Resources.ENDPOINTS, "");
        for (ObjectNode service : store.list(Resources.SERVICES, "")) {
            if (Json.map(service, "/spec/selector").isEmpty()) {
                endpoints.stream()
                        .filter(one -> Json.namespace(one).equals(Json.namespace(service)))
                        .filter(one -> Json.name(one).equals(Json.name(service)))
                        .filter(one -> !Pods.label(one, SKIP).equals("true"))
                        .forEach(one -> slices(one, wanted));
            }
        }
        for (ObjectNode present : store.list(Resources.ENDPOINT_SLICES, "")) {
            if (Pods.label(present, MANAGED_BY).equals(MANAGER)) {
                settle(present, wanted.remove(key(present)));
            }
        }
        wanted.values().forEach(slice -> store.create(Resources.ENDPOINT_SLICES, slice));
    }

    private void settle(ObjectNode present, @Nullable ObjectNode wanted) {
        if (wanted == null) {
            store.delete(Resources.ENDPOINT_SLICES, Json.namespace(present), Json.name(present));
        } else if (!present.path("endpoints").equals(wanted.path("endpoints"))
                || !present.path("ports").equals(wanted.path("ports"))) {
            present.set("endpoints", wanted.path("endpoints"));
            present.set("ports", wanted.path("ports"));
            store.update(Resources.ENDPOINT_SLICES, present);
        }
    }

    private static String key(ObjectNode slice) {
        return Json.namespace(slice) + "/" + Json.name(slice);
    }

    private static void slices(ObjectNode endpoints, Map<String, ObjectNode> wanted) {
        int number = 0;
        for (JsonNode subset : Json.items(endpoints, "/subsets")) {
            number++;
            for (String family : List.of("IPv4", "IPv6")) {
                ArrayNode addresses = Json.array();
                add(addresses, subset, "/addresses", family, true);
                add(addresses, subset, "/notReadyAddresses", family, false);
                if (!addresses.isEmpty()) {
                    String name =
                            Json.name(endpoints)
                                    + "-mirror-"
                                    + number
                                    + (family.equals("IPv6") ? "-6" : "");
                    ObjectNode slice = slice(endpoints, name, family);
                    slice.set("endpoints", addresses);
                    slice.set("ports", ports(subset));
                    wanted.put(key(slice), slice);
                }
            }
        }
    }

    private static ObjectNode slice(ObjectNode endpoints, String name, String family) {
        ObjectNode slice =
                Json.object().put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode metadata =
                slice.putObject("metadata")
                        .put("name", name)
                        .put("namespace", Json.namespace(endpoints));
        metadata.putObject("labels")
                .put(Slices.SERVICE_LABEL, Json.name(endpoints))
                .put(MANAGED_BY, MANAGER);
        Json.own(metadata, endpoints);
        return slice.put("addressType", family);
    }

    private static void add(
            ArrayNode endpoints, JsonNode subset, String pointer, String family, boolean ready) {
        for (JsonNode address : Json.items(subset, pointer)) {
            String ip = Json.text(address, "/ip");
            if (ip.contains(":") == family.equals("IPv6")) {
                ObjectNode endpoint = endpoints.addObject();
                endpoint.putArray("addresses").add(ip);
                endpoint.putObject("conditions").put("ready", ready);
                String hostname = Json.text(address, "/hostname");
                if (!hostname.isEmpty()) {
                    endpoint.put("hostname", hostname);
                }
            }
        }
    }

    private static ArrayNode ports(JsonNode subset) {
        ArrayNode ports = Json.array();
        for (JsonNode port : Json.items(subset, "/ports")) {
            ports.addObject()
                    .put("name", Json.text(port, "/name"))
                    .put("protocol", port.path("protocol").asString("TCP"))
                    .put("port", Json.number(port, "/port", 0));
        }
        return ports;
    }
}
