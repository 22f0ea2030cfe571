package tp.sandbox.node;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Keeps ReplicaSets at their number of pods, the not-ready ones going first. */
final class ReplicaSets {

    private static final String API = "apps/v1";

    private final ObjectStore store;

    ReplicaSets(ObjectStore store) {
        this.store = store;
    }

    void reconcile() {
        for (ObjectNode set : store.list(Resources.REPLICA_SETS, "")) {
            if (!Json.isBeingDeleted(set)) {
                reconcile(set);
            }
        }
    }

    private void reconcile(ObjectNode set) {
        List<ObjectNode> pods =
                store.list(Resources.PODS, Json.namespace(set)).stream()
                        .filter(pod -> Json.isOwnedBy(pod, set))
                        .filter(pod -> !Json.isBeingDeleted(pod))
                        .filter(pod -> !isOver(pod))
                        .sorted(Comparator.comparing(ReplicaSets::isReady))
                        .toList();
        int wanted = Json.number(set, "/spec/replicas", 1);
        for (int missing = pods.size(); missing < wanted; missing++) {
            store.create(Resources.PODS, pod(set));
        }
        for (int extra = 0; extra < pods.size() - wanted; extra++) {
            store.delete(Resources.PODS, Json.namespace(set), Json.name(pods.get(extra)));
        }
        writeStatus(set, pods);
    }

    private static ObjectNode pod(ObjectNode set) {
        JsonNode template = set.at("/spec/template");
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata =
                pod.putObject("metadata")
                        .put("generateName", Json.name(set) + "-")
                        .put("namespace", Json.namespace(set));
        for (String key : List.of("labels", "annotations")) {
            Map<String, String> entries = Json.map(template, "/metadata/" + key);
            if (!entries.isEmpty()) {
                ObjectNode copy = metadata.putObject(key);
                entries.forEach(copy::put);
            }
        }
        Json.own(metadata, set, API, "ReplicaSet");
        pod.set("spec", template.path("spec").deepCopy());
        return pod;
    }

    private void writeStatus(ObjectNode set, List<ObjectNode> pods) {
        int ready = (int) pods.stream().filter(ReplicaSets::isReady).count();
        ObjectNode status =
                Json.object()
                        .put("observedGeneration", set.at("/metadata/generation").asLong(1))
                        .put("replicas", pods.size())
                        .put("fullyLabeledReplicas", pods.size())
                        .put("readyReplicas", ready)
                        .put("availableReplicas", ready);
        if (!status.equals(set.path("status"))) {
            set.set("status", status);
            store.updateStatus(Resources.REPLICA_SETS, set);
        }
    }

    static boolean isReady(JsonNode pod) {
        return Json.items(pod, "/status/conditions").stream()
                .anyMatch(
                        condition ->
                                Json.text(condition, "/type").equals("Ready")
                                        && Json.text(condition, "/status").equals("True"));
    }

    private static boolean isOver(JsonNode pod) {
        String phase = Json.text(pod, "/status/phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }
}
