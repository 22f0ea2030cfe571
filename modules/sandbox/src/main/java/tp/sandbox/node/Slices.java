package tp.sandbox.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads EndpointSlices, also those that people write by hand. */
final class Slices {

    static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private Slices() {}

    static boolean belongsTo(JsonNode slice, JsonNode service) {
        return Json.namespace(slice).equals(Json.namespace(service))
                && Pods.label(slice, SERVICE_LABEL).equals(Json.name(service));
    }

    /** {@return whether an endpoint takes traffic; unset means yes (discovery.k8s.io/v1)} */
    static boolean isReady(JsonNode endpoint) {
        return endpoint.at("/conditions/ready").asBoolean(true);
    }

    /** {@return whether an endpoint that is about to end still takes traffic} */
    private static boolean isServing(JsonNode endpoint) {
        return endpoint.at("/conditions/serving").asBoolean(true);
    }

    /** {@return the addresses of an endpoint; slices of the type FQDN have none} */
    static Stream<InetAddress> addresses(JsonNode endpoint) {
        return Json.texts(endpoint, "/addresses").stream().flatMap(text -> literal(text).stream());
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * {@return the endpoints of a Service's port in the address family of {@code front}: the ready
     * ones, or, as kube-proxy has it, where there is none those that still serve while they end}
     */
    static List<InetSocketAddress> serving(
            List<ObjectNode> slices, JsonNode service, JsonNode port, InetAddress front) {
        List<InetSocketAddress> ready = find(slices, service, port, front, Slices::isReady);
        return ready.isEmpty() ? find(slices, service, port, front, Slices::isServing) : ready;
    }

    private static List<InetSocketAddress> find(
            List<ObjectNode> slices,
            JsonNode service,
            JsonNode port,
            InetAddress front,
            Predicate<JsonNode> which) {
        String family = front.getAddress().length == 4 ? "IPv4" : "IPv6";
        String name = Json.text(port, "/name");
        List<InetSocketAddress> found = new ArrayList<>();
        for (ObjectNode slice : slices) {
            if (!belongsTo(slice, service) || !Json.text(slice, "/addressType").equals(family)) {
                continue;
            }
            for (JsonNode slicePort : Json.items(slice, "/ports")) {
                int number = Json.number(slicePort, "/port", 0);
                if (number == 0 || !Json.text(slicePort, "/name").equals(name)) {
                    continue;
                }
                Json.items(slice, "/endpoints").stream()
                        .filter(which)
                        .flatMap(Slices::addresses)
                        .forEach(address -> found.add(new InetSocketAddress(address, number)));
            }
        }
        return found;
    }
}
