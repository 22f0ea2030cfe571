package tp.kube;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the parts of a {@link ClusterTable} off the JSON of the objects. */
final class TableObjects {

    private static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private TableObjects() {}

    /** {@return the Service} One without any address yet is told as one that has no port. */
    static Optional<ClusterTable.Service> service(JsonNode service) {
        JsonNode spec = service.path("spec");
        boolean external = text(spec, "type").equals("ExternalName");
        List<InetAddress> addresses = new ArrayList<>();
        JsonNode several = spec.path("clusterIPs");
        if (several.isEmpty()) {
            address(text(spec, "clusterIP")).ifPresent(addresses::add);
        } else {
            several.valueStream()
                    .forEach(one -> address(one.asString("")).ifPresent(addresses::add));
        }
        return Optional.of(
                new ClusterTable.Service(
                        name(service),
                        external ? List.of() : addresses,
                        external ? Optional.of(text(spec, "externalName")) : Optional.empty(),
                        spec.path("publishNotReadyAddresses").asBoolean(false),
                        ports(spec.path("ports"))));
    }

    /** {@return the slice, empty where it is no Service's, or its endpoints are names} */
    static Optional<ClusterTable.Slice> slice(JsonNode slice) {
        String service = slice.path("metadata").path("labels").path(SERVICE_LABEL).asString("");
        if (service.isEmpty() || text(slice, "addressType").equals("FQDN")) {
            return Optional.empty();
        }
        String namespace = name(slice).namespace();
        return Optional.of(
                new ClusterTable.Slice(
                        new ClusterTable.ObjectName(namespace, service),
                        ports(slice.path("ports")),
                        slice.path("endpoints")
                                .valueStream()
                                .map(one -> endpoint(one, namespace))
                                .toList()));
    }

    private static ClusterTable.Endpoint endpoint(JsonNode endpoint, String namespace) {
        List<InetAddress> addresses = new ArrayList<>();
        endpoint.path("addresses")
                .valueStream()
                .forEach(one -> address(one.asString("")).ifPresent(addresses::add));
        JsonNode target = endpoint.path("targetRef");
        return new ClusterTable.Endpoint(
                addresses,
                // Of one that does not say it is to be taken for granted (discovery/v1).
                endpoint.path("conditions").path("ready").asBoolean(true),
                text(endpoint, "hostname"),
                text(target, "kind").equals("Pod")
                        ? Optional.of(new ClusterTable.ObjectName(namespace, text(target, "name")))
                        : Optional.empty());
    }

    /** {@return the pod, empty while it does not run, or no longer} */
    static Optional<ClusterTable.Pod> pod(JsonNode pod) {
        JsonNode status = pod.path("status");
        if (!text(status, "phase").equals("Running")) {
            return Optional.empty();
        }
        List<InetAddress> addresses = new ArrayList<>();
        if (!pod.path("spec").path("hostNetwork").asBoolean(false)) {
            status.path("podIPs")
                    .valueStream()
                    .forEach(one -> address(text(one, "ip")).ifPresent(addresses::add));
        }
        return Optional.of(
                new ClusterTable.Pod(name(pod), text(pod.path("metadata"), "uid"), addresses));
    }

    private static List<ClusterTable.ServicePort> ports(JsonNode ports) {
        return ports.valueStream()
                .filter(one -> one.path("port").asInt(0) > 0)
                .map(
                        one ->
                                new ClusterTable.ServicePort(
                                        text(one, "name"),
                                        one.path("protocol").asString("TCP"),
                                        one.path("port").asInt(0)))
                .toList();
    }

    static ClusterTable.ObjectName name(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return new ClusterTable.ObjectName(text(metadata, "namespace"), text(metadata, "name"));
    }

    private static Optional<InetAddress> address(String text) {
        try {
            return text.isEmpty() || text.equals("None")
                    ? Optional.empty()
                    : Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String text(JsonNode object, String field) {
        return object.path(field).asString("");
    }
}
