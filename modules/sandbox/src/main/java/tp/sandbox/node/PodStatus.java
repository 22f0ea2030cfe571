package tp.sandbox.node;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A pod's status out of the states of its containers. */
final class PodStatus {

    private PodStatus() {}

    static ObjectNode of(
            ObjectNode pod,
            NodeNetwork.PodNetwork network,
            List<Container> initial,
            List<Container> containers) {
        JsonNode before = pod.path("status");
        ObjectNode status = Json.object();
        boolean ready = !containers.isEmpty() && containers.stream().allMatch(Container::isReady);
        boolean initialized = initial.stream().allMatch(Container::hasSucceeded);
        status.put("phase", initialized ? phase(containers) : initialPhase(initial));
        String reason = ready ? "" : "ContainersNotReady";
        Json.conditions(
                status,
                before,
                List.of(
                        Json.condition("PodReadyToStartContainers", true, ""),
                        Json.condition("Initialized", initialized, ""),
                        Json.condition("Ready", ready, reason),
                        Json.condition("ContainersReady", ready, reason),
                        Json.condition("PodScheduled", true, "")));
        status.put("hostIP", NodeNetwork.NODE_ADDRESS);
        status.putArray("hostIPs").addObject().put("ip", NodeNetwork.NODE_ADDRESS);
        status.put("podIP", network.address());
        ArrayNode addresses = status.putArray("podIPs");
        network.addresses().forEach(address -> addresses.addObject().put("ip", address));
        String started = Json.text(before, "/startTime");
        status.put("startTime", started.isEmpty() ? Json.now() : started);
        status.put("qosClass", "BestEffort");
        if (!initial.isEmpty()) {
            ArrayNode first = status.putArray("initContainerStatuses");
            initial.forEach(container -> first.add(container.status()));
        }
        ArrayNode list = status.putArray("containerStatuses");
        containers.forEach(container -> list.add(container.status()));
        return status;
    }

    private static String initialPhase(List<Container> initial) {
        boolean failed =
                initial.stream()
                        .anyMatch(container -> container.hasEnded() && !container.hasSucceeded());
        return failed ? "Failed" : "Pending";
    }

    private static String phase(List<Container> containers) {
        boolean anyPending = false;
        boolean anyFailed = false;
        boolean allOver = true;
        for (Container container : containers) {
            ContainerState state = container.state();
            if (state instanceof ContainerState.Terminated ended) {
                allOver &= container.hasEnded();
                anyFailed |= ended.exitCode() != 0;
            } else {
                allOver = false;
                anyPending |=
                        state instanceof ContainerState.Waiting waiting
                                && !waiting.reason().equals("CrashLoopBackOff");
            }
        }
        if (allOver) {
            return anyFailed ? "Failed" : "Succeeded";
        }
        return anyPending ? "Pending" : "Running";
    }
}
