package tp.sandbox.node;

import tools.jackson.databind.JsonNode;

/** Looks up container ports by their names. */
final class Ports {

    private Ports() {}

    /** {@return the number of a container's port, 0 where it has no port of that name} */
    static int named(JsonNode container, String name) {
        for (JsonNode port : Json.items(container, "/ports")) {
            if (Json.text(port, "/name").equals(name)) {
                return Json.number(port, "/containerPort", 0);
            }
        }
        return 0;
    }

    /** {@return where a Service's port leads to in a pod, 0 where the pod has no such port} */
    static int target(JsonNode servicePort, JsonNode pod) {
        JsonNode target = servicePort.path("targetPort");
        if (target.isMissingNode()) {
            return Json.number(servicePort, "/port", 0);
        }
        if (target.isNumber()) {
            return target.asInt();
        }
        for (JsonNode container : Json.items(pod, "/spec/containers")) {
            int port = named(container, target.asString(""));
            if (port != 0) {
                return port;
            }
        }
        return 0;
    }
}
