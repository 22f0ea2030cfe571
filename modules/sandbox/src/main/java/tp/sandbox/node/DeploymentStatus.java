package tp.sandbox.node;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** How far a Deployment is, for {@code kubectl rollout status} and {@code kubectl wait}. */
final class DeploymentStatus {

    private final ObjectStore store;
    private final ObjectNode deployment;
    private final Optional<ObjectNode> current;
    private final List<ObjectNode> sets;
    private final int wanted;

    DeploymentStatus(
            ObjectStore store,
            ObjectNode deployment,
            Optional<ObjectNode> current,
            List<ObjectNode> sets) {
        this.store = store;
        this.deployment = deployment;
        this.current = current;
        this.sets = sets;
        this.wanted = Json.number(deployment, "/spec/replicas", 1);
    }

    void write() {
        JsonNode before = deployment.path("status");
        int total = sum("replicas");
        int available = sum("availableReplicas");
        int updated = current.map(set -> Json.number(set, "/status/replicas", 0)).orElse(0);
        ObjectNode status = Json.status(deployment);
        status.put("replicas", total).put("updatedReplicas", updated);
        status.put("readyReplicas", sum("readyReplicas")).put("availableReplicas", available);
        if (wanted > available) {
            status.put("unavailableReplicas", wanted - available);
        }
        boolean enough = available >= Rollout.of(deployment).minAvailable();
        ObjectNode availability =
                Json.condition(
                        "Available",
                        enough,
                        enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                        enough
                                ? "Deployment has minimum availability."
                                : "Deployment does not have minimum availability.");
        boolean complete = updated == wanted && total == wanted && available == wanted;
        List<ObjectNode> conditions = new ArrayList<>();
        conditions.add(availability);
        conditions.add(progress(status, complete));
        failure().ifPresent(conditions::add);
        Json.conditions(status, before, conditions);
        dateUpdates(status, before);
        Json.writeStatus(store, Resources.DEPLOYMENTS, deployment, status);
    }

    /** Why a ReplicaSet makes no pod, of the newest one that says. */
    private Optional<ObjectNode> failure() {
        return sets.reversed().stream()
                .map(set -> Json.condition(set.path("status"), ReplicaSets.FAILURE))
                .flatMap(Optional::stream)
                .findFirst()
                .map(
                        one ->
                                Json.condition(
                                        ReplicaSets.FAILURE,
                                        true,
                                        Json.text(one, "/reason"),
                                        Json.text(one, "/message")));
    }

    private int sum(String field) {
        return sets.stream().mapToInt(set -> Json.number(set, "/status/" + field, 0)).sum();
    }

    private ObjectNode progress(ObjectNode status, boolean complete) {
        String name = "ReplicaSet \"" + current.map(Json::name).orElse("") + "\"";
        if (Json.flag(deployment, "/spec/paused")) {
            return Json.condition("Progressing", true, "DeploymentPaused", "Deployment is paused")
                    .put("status", "Unknown");
        } else if (complete) {
            return Json.condition(
                    "Progressing",
                    true,
                    "NewReplicaSetAvailable",
                    name + " has successfully progressed.");
        } else if (isLate(status)) {
            return Json.condition(
                    "Progressing",
                    false,
                    "ProgressDeadlineExceeded",
                    name + " has timed out progressing.");
        }
        return Json.condition("Progressing", true, "ReplicaSetUpdated", name + " is progressing.");
    }

    /** Whether nothing has changed for longer than {@code progressDeadlineSeconds}. */
    private boolean isLate(ObjectNode status) {
        int deadlineS = Json.number(deployment, "/spec/progressDeadlineSeconds", 600);
        return !hasMoved(status)
                && Json.condition(deployment.path("status"), "Progressing")
                        .map(old -> Json.text(old, "/lastUpdateTime"))
                        .filter(since -> !since.isEmpty())
                        .filter(
                                since ->
                                        Instant.parse(since)
                                                .plusSeconds(deadlineS)
                                                .isBefore(Instant.now()))
                        .isPresent();
    }

    private boolean hasMoved(ObjectNode status) {
        JsonNode before = deployment.path("status");
        return List.of("observedGeneration", "replicas", "updatedReplicas", "readyReplicas")
                .stream()
                .anyMatch(field -> !status.path(field).equals(before.path(field)));
    }

    /** {@code lastUpdateTime}: when the reason changed, or something moved. */
    private void dateUpdates(ObjectNode status, JsonNode before) {
        boolean moved = hasMoved(status);
        for (JsonNode condition : (ArrayNode) status.path("conditions")) {
            Optional<JsonNode> old = Json.condition(before, Json.text(condition, "/type"));
            boolean same =
                    old.filter(
                                    then ->
                                            Json.text(then, "/reason")
                                                    .equals(Json.text(condition, "/reason")))
                            .isPresent();
            boolean isProgress = Json.text(condition, "/type").equals("Progressing");
            boolean isDone = Json.text(condition, "/reason").equals("NewReplicaSetAvailable");
            boolean keep = same && !(isProgress && moved && !isDone);
            ((ObjectNode) condition)
                    .put(
                            "lastUpdateTime",
                            keep
                                    ? old.map(then -> Json.text(then, "/lastUpdateTime"))
                                            .orElseThrow()
                                    : Json.now());
        }
    }
}
