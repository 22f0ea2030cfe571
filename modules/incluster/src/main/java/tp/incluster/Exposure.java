package tp.incluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads from the manager's own Services and pods where its ports are exposed: load balancers
 * ({@code status.loadBalancer.ingress}), ports of the host, and ports of all nodes.
 */
final class Exposure {

    private static final String OURS = "?labelSelector=app.kubernetes.io%2Fname%3Dtp-manager";

    /** Enough to find one that answers; a cluster may have thousands. */
    private static final int MAX_NODES = 8;

    private final HttpCalls calls;
    private final String namespace;
    private final List<ExposedPort> found = new ArrayList<>();

    private Exposure(HttpCalls calls, String namespace) {
        this.calls = calls;
        this.namespace = namespace;
    }

    /** {@return all ports that are exposed now, best first} */
    static List<ExposedPort> read(HttpCalls calls, String namespace, boolean ofNodes)
            throws IOException {
        Exposure exposure = new Exposure(calls, namespace);
        exposure.read(ofNodes);
        exposure.found.sort(Comparator.comparing(ExposedPort::way));
        return List.copyOf(exposure.found);
    }

    private void read(boolean ofNodes) throws IOException {
        List<JsonNode> pods = list("/api/v1/namespaces/" + namespace + "/pods" + OURS);
        Set<String> hosts = new LinkedHashSet<>();
        for (JsonNode pod : pods) {
            List<String> own = hosts(pod);
            hosts.addAll(own);
            pod.path("spec").path("containers").values().forEach(one -> hostPorts(one, own));
        }
        List<JsonNode> services = list("/api/v1/namespaces/" + namespace + "/services" + OURS);
        if (ofNodes && services.stream().anyMatch(Exposure::hasNodePorts)) {
            hosts.addAll(nodes());
        }
        services.forEach(service -> service(service, hosts));
    }

    private List<JsonNode> list(String path) throws IOException {
        return calls.read(path).path("items").valueStream().toList();
    }

    private static List<String> hosts(JsonNode pod) {
        JsonNode status = pod.path("status");
        Set<String> hosts = new LinkedHashSet<>();
        hosts.add(ResourceKind.text(status.path("hostIP")));
        status.path("hostIPs")
                .values()
                .forEach(one -> hosts.add(ResourceKind.text(one.path("ip"))));
        hosts.remove("");
        return List.copyOf(hosts);
    }

    private void hostPorts(JsonNode container, List<String> hosts) {
        for (JsonNode port : container.path("ports").values()) {
            add(ExposedPort.Way.HOST_PORT, port, "hostPort", hosts);
        }
    }

    private static boolean hasNodePorts(JsonNode service) {
        return service.path("spec").path("ports").valueStream().anyMatch(p -> p.has("nodePort"));
    }

    /**
     * Addresses of nodes, those that the world reaches first; none where they may not be listed.
     */
    private List<String> nodes() throws IOException {
        List<JsonNode> addresses = new ArrayList<>();
        try {
            list("/api/v1/nodes?limit=" + MAX_NODES)
                    .forEach(
                            node ->
                                    node.path("status")
                                            .path("addresses")
                                            .values()
                                            .forEach(addresses::add));
        } catch (ApiException e) {
            return List.of();
        }
        List<String> nodes = new ArrayList<>();
        for (String type : List.of("ExternalIP", "InternalIP")) {
            addresses.stream()
                    .filter(one -> ResourceKind.text(one.path("type")).equals(type))
                    .map(one -> ResourceKind.text(one.path("address")))
                    .forEach(nodes::add);
        }
        return nodes;
    }

    private void service(JsonNode service, Set<String> hosts) {
        List<String> balancers =
                service.path("status")
                        .path("loadBalancer")
                        .path("ingress")
                        .valueStream()
                        .map(one -> ResourceKind.text(one.path(one.has("ip") ? "ip" : "hostname")))
                        .filter(host -> !host.isEmpty())
                        .toList();
        for (JsonNode port : service.path("spec").path("ports").values()) {
            add(ExposedPort.Way.LOAD_BALANCER, port, "port", balancers);
            add(ExposedPort.Way.NODE_PORT, port, "nodePort", hosts);
        }
    }

    private void add(ExposedPort.Way way, JsonNode port, String field, Iterable<String> hosts) {
        int number = port.path(field).asInt(0);
        if (number > 0) {
            String name = ResourceKind.text(port.path("name"));
            hosts.forEach(host -> found.add(new ExposedPort(way, name, host, number)));
        }
    }
}
