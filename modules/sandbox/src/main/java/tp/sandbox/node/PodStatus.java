package tp.sandbox.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pod's status out of the states of its containers.
 *
 * @param initial the init containers, in their order
 */
record PodStatus(List<Container> initial, List<Container> containers) {

    private static final Set<String> OURS =
            Set.of(
                    "PodReadyToStartContainers",
                    "Initialized",
                    "Ready",
                    "ContainersReady",
                    "PodScheduled");

    ObjectNode of(ObjectNode pod, NodeNetwork.PodNetwork network) {
        JsonNode before = pod.path("status");
        ObjectNode status = Json.object();
        status.put("phase", isInitialized() ? phase() : initialPhase());
        Json.conditions(status, before, conditions(pod, Json.text(status, "/phase")));
        status.put("hostIP", NodeNetwork.NODE_ADDRESS);
        status.putArray("hostIPs").addObject().put("ip", NodeNetwork.NODE_ADDRESS);
        status.put("podIP", network.address());
        ArrayNode addresses = status.putArray("podIPs");
        network.addresses().forEach(address -> addresses.addObject().put("ip", address));
        String started = Json.text(before, "/startTime");
        status.put("startTime", started.isEmpty() ? Json.now() : started);
        status.put("qosClass", qualityOfService(pod));
        if (!initial.isEmpty()) {
            ArrayNode first = status.putArray("initContainerStatuses");
            for (Container container : initial) {
                ObjectNode one = container.status();
                first.add(container.hasSucceeded() ? one.put("ready", true) : one);
            }
        }
        ArrayNode list = status.putArray("containerStatuses");
        containers.forEach(container -> list.add(container.status()));
        return status;
    }

    private boolean isInitialized() {
        return initial.stream()
                .allMatch(
                        container ->
                                container.isSidecar()
                                        ? container.isStarted() || container.hasEnded()
                                        : container.hasSucceeded());
    }

    /** {@return whether all but the sidecars have ended} */
    boolean isOver() {
        return containers.stream().allMatch(Container::hasEnded);
    }

    private List<ObjectNode> conditions(JsonNode pod, String phase) {
        List<String> unready =
                Stream.concat(initial.stream().filter(Container::isSidecar), containers.stream())
                        .filter(container -> !container.isReady())
                        .map(Container::name)
                        .toList();
        List<String> incomplete =
                initial.stream()
                        .filter(container -> !container.isSidecar() && !container.hasSucceeded())
                        .map(Container::name)
                        .toList();
        String reason = phase.equals("Succeeded") ? "PodCompleted" : "ContainersNotReady";
        String message = "containers with unready status: " + words(unready);
        boolean ready = unready.isEmpty();
        boolean open =
                Json.items(pod, "/spec/readinessGates").stream()
                        .allMatch(
                                gate ->
                                        Json.isTrue(
                                                pod.path("status"),
                                                Json.text(gate, "/conditionType")));
        List<ObjectNode> conditions = new ArrayList<>();
        conditions.add(Json.condition("PodReadyToStartContainers", true, ""));
        conditions.add(
                incomplete.isEmpty()
                        ? Json.condition("Initialized", true, "")
                        : Json.condition(
                                "Initialized",
                                false,
                                "ContainersNotInitialized",
                                "containers with incomplete status: " + words(incomplete)));
        conditions.add(
                ready && open
                        ? Json.condition("Ready", true, "")
                        : ready
                                ? Json.condition(
                                        "Ready",
                                        false,
                                        "ReadinessGatesNotReady",
                                        "a condition of the readiness gates is not True")
                                : Json.condition("Ready", false, reason, message));
        conditions.add(
                ready
                        ? Json.condition("ContainersReady", true, "")
                        : Json.condition("ContainersReady", false, reason, message));
        conditions.add(Json.condition("PodScheduled", true, ""));
        // What others have written, for example for readiness gates, stays.
        Json.items(pod, "/status/conditions").stream()
                .filter(old -> !OURS.contains(Json.text(old, "/type")))
                .forEach(old -> conditions.add(((ObjectNode) old).deepCopy()));
        return conditions;
    }

    private static String words(List<String> names) {
        return "[" + String.join(" ", names) + "]";
    }

    private String initialPhase() {
        boolean failed =
                initial.stream()
                        .anyMatch(
                                container ->
                                        !container.isSidecar()
                                                && container.hasEnded()
                                                && !container.hasSucceeded());
        return failed ? "Failed" : "Pending";
    }

    private String phase() {
        if (isOver()) {
            return containers.stream().allMatch(Container::hasSucceeded) ? "Succeeded" : "Failed";
        }
        return containers.stream().allMatch(Container::hasEverRun) ? "Running" : "Pending";
    }

    private static String qualityOfService(JsonNode pod) {
        boolean any = false;
        boolean all = true;
        for (JsonNode container : Json.items(pod, "/spec/containers")) {
            JsonNode limits = container.at("/resources/limits");
            JsonNode requests = container.at("/resources/requests");
            any |= !limits.isEmpty() || !requests.isEmpty();
            all &=
                    limits.has("cpu")
                            && limits.has("memory")
                            && (requests.isEmpty() || requests.equals(limits));
        }
        return all ? "Guaranteed" : any ? "Burstable" : "BestEffort";
    }
}
