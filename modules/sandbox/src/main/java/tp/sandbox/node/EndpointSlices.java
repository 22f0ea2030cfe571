package tp.sandbox.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Keeps the EndpointSlices of Services with a selector: one per address family and set of target
 * ports, which differ where a name means another port in another pod.
 */
final class EndpointSlices {

    private static final String MANAGER = "endpointslice-controller.k8s.io";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String HEADLESS = "service.kubernetes.io/headless";

    private final ObjectStore store;

    EndpointSlices(ObjectStore store) {
        this.store = store;
    }

    void reconcile() {
        Reconciler.each(store, Resources.SERVICES, this::reconcile);
    }

    private void reconcile(ObjectNode service) {
        List<ObjectNode> present =
                new ArrayList<>(
                        store.list(Resources.ENDPOINT_SLICES, Json.namespace(service)).stream()
                                .filter(slice -> Slices.belongsTo(slice, service))
                                .filter(slice -> Pods.label(slice, MANAGED_BY).equals(MANAGER))
                                .toList());
        for (ObjectNode wanted : wanted(service)) {
            Optional<ObjectNode> like =
                    present.stream().filter(slice -> isLike(slice, wanted)).findFirst();
            if (like.isPresent()) {
                present.remove(like.get());
                update(like.get(), wanted);
            } else {
                store.create(Resources.ENDPOINT_SLICES, wanted);
            }
        }
        for (ObjectNode stale : present) {
            store.delete(Resources.ENDPOINT_SLICES, Json.namespace(stale), Json.name(stale));
        }
    }

    /** A slice's address type cannot change; its ports may, where nothing else fits better. */
    private static boolean isLike(ObjectNode slice, ObjectNode wanted) {
        return slice.path("addressType").equals(wanted.path("addressType"))
                && (slice.path("ports").equals(wanted.path("ports"))
                        || slice.path("endpoints").isEmpty());
    }

    private void update(ObjectNode slice, ObjectNode wanted) {
        boolean differs = false;
        for (String field : List.of("endpoints", "ports")) {
            differs |= !slice.path(field).equals(wanted.path(field));
            slice.set(field, wanted.path(field));
        }
        JsonNode labels = wanted.at("/metadata/labels");
        if (differs || !slice.at("/metadata/labels").equals(labels)) {
            slice.withObject("/metadata").set("labels", labels);
            store.update(Resources.ENDPOINT_SLICES, slice);
        }
    }

    private List<ObjectNode> wanted(ObjectNode service) {
        Map<String, String> selector = Json.map(service, "/spec/selector");
        List<ObjectNode> wanted = new ArrayList<>();
        if (selector.isEmpty() || Json.text(service, "/spec/type").equals("ExternalName")) {
            return wanted;
        }
        Map<ArrayNode, List<ObjectNode>> byPorts = new LinkedHashMap<>();
        store.list(Resources.PODS, Json.namespace(service)).stream()
                .filter(pod -> Json.matches(selector, pod))
                .filter(pod -> !Json.text(pod, "/status/podIP").isEmpty() && !Pods.isOver(pod))
                .forEach(
                        pod ->
                                byPorts.computeIfAbsent(
                                                ports(service, pod), key -> new ArrayList<>())
                                        .add(pod));
        List<String> families = Json.texts(service, "/spec/ipFamilies");
        for (String family : families.isEmpty() ? List.of("IPv4") : families) {
            if (byPorts.isEmpty()) {
                wanted.add(slice(service, Json.array(), List.of(), family));
            }
            byPorts.forEach((ports, pods) -> wanted.add(slice(service, ports, pods, family)));
        }
        return wanted;
    }

    /** Where a Service's ports lead to in a pod; those that the pod does not name are left out. */
    private static ArrayNode ports(JsonNode service, JsonNode pod) {
        ArrayNode ports = Json.array();
        for (JsonNode port : Json.items(service, "/spec/ports")) {
            int target = Ports.target(port, pod);
            if (target != 0) {
                ObjectNode made =
                        ports.addObject()
                                .put("name", Json.text(port, "/name"))
                                .put("protocol", port.path("protocol").asString("TCP"))
                                .put("port", target);
                if (port.has("appProtocol")) {
                    made.put("appProtocol", Json.text(port, "/appProtocol"));
                }
            }
        }
        return ports;
    }

    private static ObjectNode slice(
            ObjectNode service, ArrayNode ports, List<ObjectNode> pods, String family) {
        ObjectNode slice =
                Json.object().put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode metadata =
                slice.putObject("metadata")
                        .put("generateName", Json.name(service) + "-")
                        .put("namespace", Json.namespace(service));
        ObjectNode labels = metadata.putObject("labels");
        Json.map(service, "/metadata/labels").forEach(labels::put);
        labels.put(Slices.SERVICE_LABEL, Json.name(service)).put(MANAGED_BY, MANAGER);
        if (Json.text(service, "/spec/clusterIP").equals("None")) {
            labels.put(HEADLESS, "");
        }
        Json.own(metadata, service);
        slice.put("addressType", family);
        ArrayNode endpoints = slice.putArray("endpoints");
        pods.forEach(pod -> addEndpoint(endpoints, service, pod, family));
        slice.set("ports", ports);
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
        boolean always = Json.flag(service, "/spec/publishNotReadyAddresses");
        boolean isReady = Pods.isReady(pod);
        boolean isEnding = Json.isBeingDeleted(pod);
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
