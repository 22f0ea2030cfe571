package tp.sandbox.node;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** What controllers ask about pods, and how they make and delete them. */
final class Pods {

    private Pods() {}

    static boolean isReady(JsonNode pod) {
        return Json.isTrue(pod.path("status"), "Ready");
    }

    /** {@return whether all programs of a pod have ended, for good} */
    static boolean isOver(JsonNode pod) {
        return isIn(pod, "Succeeded") || isIn(pod, "Failed");
    }

    static boolean isIn(JsonNode pod, String phase) {
        return Json.text(pod, "/status/phase").equals(phase);
    }

    static boolean isActive(JsonNode pod) {
        return !isOver(pod) && !Json.isBeingDeleted(pod);
    }

    /** {@return whether a pod has been ready for this long without a break} */
    static boolean isAvailable(JsonNode pod, int minReadySeconds) {
        if (!isReady(pod)) {
            return false;
        }
        return minReadySeconds == 0
                || Json.condition(pod.path("status"), "Ready")
                        .map(ready -> Instant.parse(Json.text(ready, "/lastTransitionTime")))
                        .filter(since -> !since.plusSeconds(minReadySeconds).isAfter(Instant.now()))
                        .isPresent();
    }

    /** {@return the pods that a controller's object has made, also those that end} */
    static List<ObjectNode> of(ObjectStore store, JsonNode owner) {
        return store.list(Resources.PODS, Json.namespace(owner)).stream()
                .filter(pod -> Json.isOwnedBy(pod, owner))
                .toList();
    }

    /** {@return a pod as the template of a controller's object says; it has no name yet} */
    static ObjectNode from(JsonNode owner) {
        JsonNode template = owner.at("/spec/template");
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata").put("namespace", Json.namespace(owner));
        for (String key : List.of("labels", "annotations")) {
            Map<String, String> entries = Json.map(template, "/metadata/" + key);
            if (!entries.isEmpty()) {
                ObjectNode copy = metadata.putObject(key);
                entries.forEach(copy::put);
            }
        }
        Json.own(metadata, owner);
        pod.set("spec", template.path("spec").deepCopy());
        return pod;
    }

    static String label(JsonNode object, String name) {
        return object.at("/metadata/labels").path(name).asString("");
    }
}
