package tp.kube;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What matters here of a pod (core/v1 Pod). Read off the JSON, since the client's own class of a
 * pod draws in those of all that a pod can have, and a connect would wait for them.
 *
 * @param created RFC 3339, as the server sends it
 * @param deleting whether it is about to go
 * @param phase empty where the server tells none
 */
record ManagerPod(
        String name,
        String created,
        boolean deleting,
        String phase,
        List<Condition> conditions,
        List<Container> containers) {

    /** One of {@code status.conditions}. */
    record Condition(String type, String status, String message) {}

    /**
     * One of {@code status.initContainerStatuses} or {@code status.containerStatuses}.
     *
     * @param reason why it waits, empty while it does not
     * @param last how it ended the last time, empty if it never ran
     */
    record Container(String reason, String message, Optional<Ended> last) {}

    /** How a container ended. */
    record Ended(int exitCode, String reason, String message) {}

    /** {@return the pods of a list (core/v1 PodList)} */
    static List<ManagerPod> listed(JsonNode list) {
        return list.path("items").valueStream().map(ManagerPod::of).toList();
    }

    private static ManagerPod of(JsonNode pod) {
        JsonNode metadata = pod.path("metadata");
        JsonNode status = pod.path("status");
        return new ManagerPod(
                text(metadata, "name"),
                text(metadata, "creationTimestamp"),
                metadata.hasNonNull("deletionTimestamp"),
                text(status, "phase"),
                status.path("conditions").valueStream().map(ManagerPod::condition).toList(),
                Stream.of("initContainerStatuses", "containerStatuses")
                        .flatMap(list -> status.path(list).valueStream())
                        .map(ManagerPod::container)
                        .toList());
    }

    private static Condition condition(JsonNode condition) {
        return new Condition(
                text(condition, "type"), text(condition, "status"), text(condition, "message"));
    }

    private static Container container(JsonNode container) {
        JsonNode waiting = container.at("/state/waiting");
        JsonNode last = container.at("/lastState/terminated");
        return new Container(
                text(waiting, "reason"),
                text(waiting, "message"),
                last.isObject()
                        ? Optional.of(
                                new Ended(
                                        last.path("exitCode").asInt(0),
                                        text(last, "reason"),
                                        text(last, "message")))
                        : Optional.empty());
    }

    /** One line: the server's words come from many hands. */
    private static String text(JsonNode object, String field) {
        return Failures.oneLine(object.path(field).asString(""));
    }

    boolean isReady() {
        return !deleting
                && conditions.stream()
                        .anyMatch(one -> one.type().equals("Ready") && one.status().equals("True"));
    }
}
