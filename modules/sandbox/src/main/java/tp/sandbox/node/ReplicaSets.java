package tp.sandbox.node;

import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Keeps ReplicaSets at their number of pods, the not-ready ones going first. */
final class ReplicaSets {

    /** The condition that says why there are too few pods. */
    static final String FAILURE = "ReplicaFailure";

    private final ObjectStore store;
    private final Events events;

    ReplicaSets(ObjectStore store) {
        this.store = store;
        this.events = new Events(store, "replicaset-controller");
    }

    void reconcile() {
        Reconciler.each(store, Resources.REPLICA_SETS, this::reconcile);
    }

    private void reconcile(ObjectNode set) {
        List<ObjectNode> pods =
                Pods.of(store, set).stream()
                        .filter(Pods::isActive)
                        .sorted(Comparator.comparing(Pods::isReady))
                        .toList();
        int wanted = Json.number(set, "/spec/replicas", 1);
        try {
            for (int missing = pods.size(); missing < wanted; missing++) {
                create(set);
            }
        } catch (ApiException e) {
            events.warning(set, "FailedCreate", "Error creating: " + e.getMessage());
            String message = String.valueOf(e.getMessage());
            writeStatus(set, pods, List.of(Json.condition(FAILURE, true, "FailedCreate", message)));
            throw e;
        }
        for (ObjectNode extra : pods.subList(0, Math.max(0, pods.size() - wanted))) {
            store.delete(Resources.PODS, Json.namespace(set), Json.name(extra));
            events.normal(set, "SuccessfulDelete", "Deleted pod: " + Json.name(extra));
        }
        writeStatus(set, pods, List.of());
    }

    private void create(ObjectNode set) {
        ObjectNode pod = Pods.from(set);
        pod.withObject("/metadata").put("generateName", Json.name(set) + "-");
        ObjectNode made = store.create(Resources.PODS, pod);
        events.normal(set, "SuccessfulCreate", "Created pod: " + Json.name(made));
    }

    private void writeStatus(ObjectNode set, List<ObjectNode> pods, List<ObjectNode> conditions) {
        int minReadySeconds = Json.number(set, "/spec/minReadySeconds", 0);
        ObjectNode status =
                Json.status(set)
                        .put("replicas", pods.size())
                        .put("fullyLabeledReplicas", pods.size())
                        .put("readyReplicas", Json.count(pods, Pods::isReady))
                        .put(
                                "availableReplicas",
                                Json.count(pods, pod -> Pods.isAvailable(pod, minReadySeconds)));
        JsonNode before = set.path("status");
        if (!conditions.isEmpty() && Json.isTrue(before, FAILURE)) {
            // The message names a pod that is another at each try; the first one stays.
            status.set("conditions", before.path("conditions").deepCopy());
        } else if (!conditions.isEmpty()) {
            Json.conditions(status, before, conditions);
        }
        Json.writeStatus(store, Resources.REPLICA_SETS, set, status);
    }
}
