package tp.sandbox.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads EndpointSlices. */
final class Slices {

    static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private Slices() {}

    static boolean belongsTo(JsonNode slice, JsonNode service) {
        return Json.namespace(slice).equals(Json.namespace(service))
                && slice.at("/metadata/labels")
                        .path(SERVICE_LABEL)
                        .asString("")
                        .equals(Json.name(service));
    }

    /** {@return whether an endpoint takes traffic; unset means yes (discovery.k8s.io/v1)} */
    static boolean isReady(JsonNode endpoint) {
        return endpoint.at("/conditions/ready").asBoolean(true);
    }

    /** {@return the ready endpoints of a Service's port in the address family of {@code front}} */
    static List<InetSocketAddress> ready(
            List<ObjectNode> slices, JsonNode service, JsonNode port, InetAddress front) {
        String family = front.getAddress().length == 4 ? "IPv4" : "IPv6";
        String name = Json.text(port, "/name");
        List<InetSocketAddress> found = new ArrayList<>();
        for (ObjectNode slice : slices) {
            if (!belongsTo(slice, service) || !Json.text(slice, "/addressType").equals(family)) {
                continue;
            }
            for (JsonNode slicePort : Json.items(slice, "/ports")) {
                if (!Json.text(slicePort, "/name").equals(name)) {
                    continue;
                }
                int number = Json.number(slicePort, "/port", 0);
                for (JsonNode endpoint : Json.items(slice, "/endpoints")) {
                    if (isReady(endpoint)) {
                        for (String address : Json.texts(endpoint, "/addresses")) {
                            found.add(
                                    new InetSocketAddress(InetAddress.ofLiteral(address), number));
                        }
                    }
                }
            }
        }
        return found;
    }
}
