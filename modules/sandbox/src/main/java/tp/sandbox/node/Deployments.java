package tp.sandbox.node;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Keeps Deployments: one ReplicaSet per pod template, the newest one scaled up first, the older
 * ones to zero as soon as the newest is available.
 */
final class Deployments {

    private static final String API = "apps/v1";
    private static final String HASH = "pod-template-hash";
    private static final String REVISION = "deployment.kubernetes.io/revision";

    private final ObjectStore store;

    Deployments(ObjectStore store) {
        this.store = store;
    }

    void reconcile() {
        for (ObjectNode deployment : store.list(Resources.DEPLOYMENTS, "")) {
            if (!Json.isBeingDeleted(deployment)) {
                reconcile(deployment);
            }
        }
    }

    private void reconcile(ObjectNode deployment) {
        List<ObjectNode> sets =
                store.list(Resources.REPLICA_SETS, Json.namespace(deployment)).stream()
                        .filter(set -> Json.isOwnedBy(set, deployment))
                        .sorted(Comparator.comparingLong(Deployments::revision))
                        .toList();
        String hash = hash(deployment.at("/spec/template"));
        Optional<ObjectNode> found =
                sets.stream()
                        .filter(set -> hash.equals(Json.map(set, "/metadata/labels").get(HASH)))
                        .findFirst();
        long next = sets.isEmpty() ? 1 : revision(sets.getLast()) + 1;
        ObjectNode current = found.orElseGet(() -> create(deployment, hash, next));
        if (revision(current) < next - 1) {
            // A roll-back: the old template is the newest revision now.
            current.withObject("/metadata/annotations").put(REVISION, Long.toString(next));
            current = store.update(Resources.REPLICA_SETS, current);
        }
        int wanted = Json.number(deployment, "/spec/replicas", 1);
        scale(current, wanted);
        if (Json.number(current, "/status/availableReplicas", 0) >= wanted) {
            for (ObjectNode old : sets) {
                if (!Json.uid(old).equals(Json.uid(current))) {
                    scale(old, 0);
                }
            }
        }
        writeRevision(deployment, revision(current));
        writeStatus(deployment, current, sets);
    }

    private void writeRevision(ObjectNode deployment, long revision) {
        String text = Long.toString(revision);
        if (!deployment.at("/metadata/annotations").path(REVISION).asString("").equals(text)) {
            deployment.withObject("/metadata/annotations").put(REVISION, text);
            deployment.setAll(store.update(Resources.DEPLOYMENTS, deployment));
        }
    }

    private void scale(ObjectNode set, int replicas) {
        if (Json.number(set, "/spec/replicas", 1) != replicas) {
            ObjectNode changed = set.deepCopy();
            changed.withObject("/spec").put("replicas", replicas);
            store.update(Resources.REPLICA_SETS, changed);
        }
    }

    private ObjectNode create(ObjectNode deployment, String hash, long revision) {
        ObjectNode set = Json.object().put("apiVersion", API).put("kind", "ReplicaSet");
        ObjectNode metadata =
                set.putObject("metadata")
                        .put("name", Json.name(deployment) + "-" + hash)
                        .put("namespace", Json.namespace(deployment));
        ObjectNode labels = metadata.putObject("labels");
        Json.map(deployment, "/spec/template/metadata/labels").forEach(labels::put);
        labels.put(HASH, hash);
        metadata.putObject("annotations").put(REVISION, Long.toString(revision));
        Json.own(metadata, deployment, API, "Deployment");
        ObjectNode spec = set.putObject("spec");
        spec.put("replicas", Json.number(deployment, "/spec/replicas", 1));
        spec.set("selector", deployment.at("/spec/selector").deepCopy());
        spec.withObject("/selector/matchLabels").put(HASH, hash);
        spec.set("template", deployment.at("/spec/template").deepCopy());
        spec.withObject("/template/metadata/labels").put(HASH, hash);
        return store.create(Resources.REPLICA_SETS, set);
    }

    private void writeStatus(ObjectNode deployment, ObjectNode current, List<ObjectNode> sets) {
        int wanted = Json.number(deployment, "/spec/replicas", 1);
        int updated = Json.number(current, "/status/replicas", 0);
        int others = 0;
        int ready = Json.number(current, "/status/readyReplicas", 0);
        for (ObjectNode set : sets) {
            if (!Json.uid(set).equals(Json.uid(current))) {
                others += Json.number(set, "/status/replicas", 0);
                ready += Json.number(set, "/status/readyReplicas", 0);
            }
        }
        ObjectNode status = Json.object();
        status.put("observedGeneration", deployment.at("/metadata/generation").asLong(1));
        status.put("replicas", updated + others).put("updatedReplicas", updated);
        status.put("readyReplicas", ready).put("availableReplicas", ready);
        if (wanted > ready) {
            status.put("unavailableReplicas", wanted - ready);
        }
        boolean available = ready >= wanted;
        boolean complete =
                updated == wanted
                        && others == 0
                        && Json.number(current, "/status/availableReplicas", 0) == wanted;
        Json.conditions(
                status,
                deployment.path("status"),
                List.of(
                        Json.condition(
                                "Available",
                                available,
                                available
                                        ? "MinimumReplicasAvailable"
                                        : "MinimumReplicasUnavailable"),
                        Json.condition(
                                "Progressing",
                                true,
                                complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")));
        if (!status.equals(deployment.path("status"))) {
            deployment.set("status", status);
            store.updateStatus(Resources.DEPLOYMENTS, deployment);
        }
    }

    private static long revision(JsonNode object) {
        return object.at("/metadata/annotations").path(REVISION).asLong(0);
    }

    private static String hash(JsonNode template) {
        CRC32 crc = new CRC32();
        crc.update(template.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
