package tp.sandbox.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Keeps one EndpointSlice per Service with a selector and address family. */
final class EndpointSlices {

    private static final String MANAGER = "endpointslice-controller.k8s.io";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

    private final ObjectStore store;

    EndpointSlices(ObjectStore store) {
        this.store = store;
    }

    void reconcile() {
        List<ObjectNode> slices = store.list(Resources.ENDPOINT_SLICES, "");
        for (ObjectNode service : store.list(Resources.SERVICES, "")) {
            Map<String, String> selector = Json.map(service, "/spec/selector");
            if (selector.isEmpty() || Json.text(service, "/spec/type").equals("ExternalName")) {
                continue;
            }
            List<ObjectNode> pods =
                    store.list(Resources.PODS, Json.namespace(service)).stream()
                            .filter(pod -> Json.matches(selector, pod))
                            .filter(pod -> !Json.text(pod, "/status/podIP").isEmpty())
                            .toList();
            for (String family : families(service)) {
                write(slices, slice(service, pods, family));
            }
        }
    }

    private static List<String> families(JsonNode service) {
        List<String> families = Json.texts(service, "/spec/ipFamilies");
        return families.isEmpty() ? List.of("IPv4") : families;
    }

    private void write(List<ObjectNode> slices, ObjectNode wanted) {
        Optional<ObjectNode> present =
                slices.stream()
                        .filter(slice -> Json.name(slice).equals(Json.name(wanted)))
                        .filter(slice -> Json.namespace(slice).equals(Json.namespace(wanted)))
                        .findFirst();
        if (present.isEmpty()) {
            store.create(Resources.ENDPOINT_SLICES, wanted);
            return;
        }
        ObjectNode slice = present.get();
        if (!slice.path("endpoints").equals(wanted.path("endpoints"))
                || !slice.path("ports").equals(wanted.path("ports"))) {
            slice.set("endpoints", wanted.path("endpoints"));
            slice.set("ports", wanted.path("ports"));
            store.update(Resources.ENDPOINT_SLICES, slice);
        }
    }

    private static ObjectNode slice(ObjectNode service, List<ObjectNode> pods, String family) {
        ObjectNode slice =
                Json.object().put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode metadata =
                slice.putObject("metadata")
                        .put("name", Json.name(service) + (family.equals("IPv4") ? "-v4" : "-v6"))
                        .put("namespace", Json.namespace(service));
        ObjectNode labels = metadata.putObject("labels");
        Json.map(service, "/metadata/labels").forEach(labels::put);
        labels.put(Slices.SERVICE_LABEL, Json.name(service)).put(MANAGED_BY, MANAGER);
        if (Json.text(service, "/spec/clusterIP").equals("None")) {
            labels.put("service.kubernetes.io/headless", "");
        }
        Json.own(metadata, service);
        slice.put("addressType", family);
        ArrayNode endpoints = slice.putArray("endpoints");
        pods.forEach(pod -> addEndpoint(endpoints, service, pod, family));
        ArrayNode ports = slice.putArray("ports");
        for (JsonNode port : Json.items(service, "/spec/ports")) {
            int target =
                    pods.stream()
                            .mapToInt(pod -> Ports.target(port, pod))
                            .filter(number -> number != 0)
                            .findFirst()
                            .orElse(0);
            if (target != 0) {
                ports.addObject()
                        .put("name", Json.text(port, "/name"))
                        .put("protocol", port.path("protocol").asString("TCP"))
                        .put("port", target);
            }
        }
        return slice;
    }

    private static void addEndpoint(
            ArrayNode endpoints, ObjectNode service, ObjectNode pod, String family) {
        boolean v6 = family.equals("IPv6");
        Optional<String> address =
                Json.items(pod, "/status/podIPs").stream()
                        .map(entry -> Json.text(entry, "/ip"))
                        .filter(ip -> ip.contains(":") == v6)
                        .findFirst();
        if (address.isEmpty()) {
            return;
        }
        boolean isReady = Pods.isReady(pod);
        boolean isEnding = Json.isBeingDeleted(pod);
        boolean always = Json.flag(service, "/spec/publishNotReadyAddresses");
        ObjectNode endpoint = endpoints.addObject();
        endpoint.putArray("addresses").add(address.get());
        endpoint.putObject("conditions")
                .put("ready", always || (isReady && !isEnding))
                .put("serving", isReady)
                .put("terminating", isEnding);
        String hostname = Json.text(pod, "/spec/hostname");
        if (!hostname.isEmpty() && Json.text(pod, "/spec/subdomain").equals(Json.name(service))) {
            endpoint.put("hostname", hostname);
        }
        endpoint.put("nodeName", Json.text(pod, "/spec/nodeName"));
        endpoint.putObject("targetRef")
                .put("kind", "Pod")
                .put("name", Json.name(pod))
                .put("namespace", Json.namespace(pod))
                .put("uid", Json.uid(pod));
    }
}
