package tp.sandbox.node;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Keeps Deployments: one ReplicaSet per pod template. A new template's set grows and the older ones
 * shrink as far as {@code maxSurge} and {@code maxUnavailable} allow.
 */
final class Deployments {

    private static final String HASH = "pod-template-hash";
    private static final String REVISION = "deployment.kubernetes.io/revision";
    private static final String CAUSE = "kubernetes.io/change-cause";

    private final ObjectStore store;
    private final Events events;

    Deployments(ObjectStore store) {
        this.store = store;
        this.events = new Events(store, "deployment-controller");
    }

    void reconcile() {
        Reconciler.each(store, Resources.DEPLOYMENTS, this::reconcile);
    }

    private void reconcile(ObjectNode deployment) {
        List<ObjectNode> all = sets(deployment);
        Optional<ObjectNode> found = current(deployment, all);
        if (Json.flag(deployment, "/spec/paused")) {
            if (!all.isEmpty()) {
                scale(deployment, all.getLast(), Json.number(deployment, "/spec/replicas", 1));
            }
            new DeploymentStatus(store, deployment, found, all).write();
            return;
        }
        long next = all.isEmpty() ? 1 : revision(all.getLast()) + 1;
        ObjectNode current = found.orElseGet(() -> create(deployment, next));
        if (revision(current) < next - 1) {
            // A roll-back: the old template is the newest revision now.
            annotate(current, next);
            current.setAll(store.update(Resources.REPLICA_SETS, current));
        }
        List<ObjectNode> old =
                all.stream().filter(set -> !Json.uid(set).equals(Json.uid(current))).toList();
        if (Json.text(deployment, "/spec/strategy/type").equals("Recreate")) {
            recreate(deployment, current, old);
        } else {
            roll(deployment, current, old);
        }
        forget(deployment, old);
        writeRevision(deployment, revision(current));
        new DeploymentStatus(store, deployment, Optional.of(current), sets(deployment)).write();
    }

    private List<ObjectNode> sets(ObjectNode deployment) {
        return store.list(Resources.REPLICA_SETS, Json.namespace(deployment)).stream()
                .filter(set -> Json.isOwnedBy(set, deployment))
                .sorted(Comparator.comparingLong(Deployments::revision))
                .toList();
    }

    private static Optional<ObjectNode> current(ObjectNode deployment, List<ObjectNode> sets) {
        String hash = Templates.hash(deployment.at("/spec/template"));
        return sets.stream().filter(set -> hash.equals(Pods.label(set, HASH))).findFirst();
    }

    /** No pod of the new template before the last one of an old template has gone. */
    private void recreate(ObjectNode deployment, ObjectNode current, List<ObjectNode> old) {
        old.forEach(set -> scale(deployment, set, 0));
        boolean anyLeft =
                old.stream()
                        .flatMap(set -> Pods.of(store, set).stream())
                        .anyMatch(pod -> !Pods.isOver(pod));
        if (!anyLeft) {
            scale(deployment, current, Json.number(deployment, "/spec/replicas", 1));
        }
    }

    private void roll(ObjectNode deployment, ObjectNode current, List<ObjectNode> old) {
        Rollout rollout = Rollout.of(deployment);
        int others = old.stream().mapToInt(Deployments::replicas).sum();
        scale(deployment, current, rollout.grown(replicas(current), others));
        int mayGo = rollout.mayGo(replicas(current), available(current), others);
        // First those that serve nobody, then the others as far as enough stay available.
        for (ObjectNode set : old) {
            int broken = Math.min(mayGo, replicas(set) - available(set));
            scale(deployment, set, replicas(set) - broken);
            mayGo -= broken;
        }
        int available = available(current) + old.stream().mapToInt(Deployments::available).sum();
        mayGo = Math.min(mayGo, available - rollout.minAvailable());
        for (ObjectNode set : old) {
            int fewer = Math.clamp(mayGo, 0, replicas(set));
            scale(deployment, set, replicas(set) - fewer);
            mayGo -= fewer;
        }
    }

    private void forget(ObjectNode deployment, List<ObjectNode> old) {
        List<ObjectNode> idle =
                old.stream()
                        .filter(set -> replicas(set) == 0)
                        .filter(set -> Json.number(set, "/status/replicas", 0) == 0)
                        .toList();
        int extra = idle.size() - Json.number(deployment, "/spec/revisionHistoryLimit", 10);
        idle.stream()
                .limit(Math.max(0, extra))
                .forEach(
                        set ->
                                store.delete(
                                        Resources.REPLICA_SETS,
                                        Json.namespace(set),
                                        Json.name(set)));
    }

    private void writeRevision(ObjectNode deployment, long revision) {
        if (revision(deployment) != revision) {
            deployment
                    .withObject("/metadata")
                    .withObjectProperty("annotations")
                    .put(REVISION, Long.toString(revision));
            deployment.setAll(store.update(Resources.DEPLOYMENTS, deployment));
        }
    }

    private void scale(ObjectNode deployment, ObjectNode set, int replicas) {
        int before = replicas(set);
        if (before == replicas) {
            return;
        }
        set.withObject("/spec").put("replicas", replicas);
        set.setAll(store.update(Resources.REPLICA_SETS, set));
        events.normal(
                deployment,
                "ScalingReplicaSet",
                "Scaled %s replica set %s from %d to %d"
                        .formatted(
                                replicas > before ? "up" : "down",
                                Json.name(set),
                                before,
                                replicas));
    }

    private ObjectNode create(ObjectNode deployment, long revision) {
        String hash = Templates.hash(deployment.at("/spec/template"));
        ObjectNode set = Json.object().put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
        ObjectNode metadata =
                set.putObject("metadata")
                        .put("name", Json.name(deployment) + "-" + hash)
                        .put("namespace", Json.namespace(deployment));
        ObjectNode labels = metadata.putObject("labels");
        Json.map(deployment, "/spec/template/metadata/labels").forEach(labels::put);
        labels.put(HASH, hash);
        annotate(set, revision);
        String cause = Json.map(deployment, "/metadata/annotations").getOrDefault(CAUSE, "");
        if (!cause.isEmpty()) {
            metadata.withObjectProperty("annotations").put(CAUSE, cause);
        }
        Json.own(metadata, deployment);
        ObjectNode spec = set.putObject("spec").put("replicas", 0);
        spec.put("minReadySeconds", Json.number(deployment, "/spec/minReadySeconds", 0));
        spec.set("selector", deployment.at("/spec/selector").deepCopy());
        spec.withObject("/selector/matchLabels").put(HASH, hash);
        spec.set("template", deployment.at("/spec/template").deepCopy());
        spec.withObject("/template/metadata/labels").put(HASH, hash);
        return store.create(Resources.REPLICA_SETS, set);
    }

    private static void annotate(ObjectNode object, long revision) {
        object.withObject("/metadata")
                .withObjectProperty("annotations")
                .put(REVISION, Long.toString(revision));
    }

    private static long revision(JsonNode object) {
        Map<String, String> annotations = Json.map(object, "/metadata/annotations");
        return Long.parseLong(annotations.getOrDefault(REVISION, "0"));
    }

    static int replicas(JsonNode set) {
        return Json.number(set, "/spec/replicas", 1);
    }

    /** What a set was asked to give up does not count any more, even if it is still there. */
    static int available(JsonNode set) {
        return Math.min(replicas(set), Json.number(set, "/status/availableReplicas", 0));
    }
}
