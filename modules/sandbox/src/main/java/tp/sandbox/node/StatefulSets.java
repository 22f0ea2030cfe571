package tp.sandbox.node;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Keeps StatefulSets: pods with names that stay, made from the first to the last and ended from the
 * last to the first, one at a time unless the set says {@code Parallel}.
 */
final class StatefulSets {

    private final ObjectStore store;
    private final Revisions revisions;
    private final Events events;

    StatefulSets(ObjectStore store) {
        this.store = store;
        this.revisions = new Revisions(store);
        this.events = new Events(store, "statefulset-controller");
    }

    void reconcile() {
        Reconciler.each(store, Resources.STATEFUL_SETS, this::reconcile);
    }

    private void reconcile(ObjectNode set) {
        ObjectNode newest = revisions.current(set);
        int first = Json.number(set, "/spec/ordinals/start", 0);
        int wanted = Json.number(set, "/spec/replicas", 1);
        Map<Integer, ObjectNode> pods = new TreeMap<>();
        Pods.of(store, set).forEach(pod -> pods.put(ordinal(pod), pod));
        writeStatus(set, newest, List.copyOf(pods.values()));
        boolean oneByOne = Json.text(set, "/spec/podManagementPolicy").equals("OrderedReady");
        if (replaceFailed(set, pods)) {
            return;
        }
        for (int ordinal = first; ordinal < first + wanted; ordinal++) {
            ObjectNode pod = pods.get(ordinal);
            if (pod == null) {
                create(set, ordinal, revisionFor(set, newest, ordinal));
            }
            if (oneByOne && !isSettled(set, pod)) {
                return;
            }
        }
        List<Integer> surplus =
                pods.keySet().stream()
                        .filter(ordinal -> ordinal < first || ordinal >= first + wanted)
                        .sorted(Comparator.reverseOrder())
                        .toList();
        for (int ordinal : surplus) {
            delete(set, pods.get(ordinal));
            if (oneByOne) {
                return;
            }
        }
        if (surplus.isEmpty()) {
            update(set, newest, pods);
        }
    }

    private boolean isSettled(ObjectNode set, @Nullable ObjectNode pod) {
        return pod != null
                && !Json.isBeingDeleted(pod)
                && Pods.isAvailable(pod, Json.number(set, "/spec/minReadySeconds", 0));
    }

    private boolean replaceFailed(ObjectNode set, Map<Integer, ObjectNode> pods) {
        List<ObjectNode> over = pods.values().stream().filter(Pods::isOver).toList();
        over.forEach(pod -> delete(set, pod));
        return !over.isEmpty();
    }

    /**
     * From the last to the first: one that is not of the newest template goes, when all others are.
     */
    private void update(ObjectNode set, ObjectNode newest, Map<Integer, ObjectNode> pods) {
        if (!Json.text(set, "/spec/updateStrategy/type").equals("RollingUpdate")) {
            return;
        }
        int partition = partition(set);
        for (ObjectNode pod : List.copyOf(pods.values()).reversed()) {
            if (ordinal(pod) >= partition && !isOf(pod, newest)) {
                delete(set, pod);
                return;
            }
            if (!isSettled(set, pod)) {
                return;
            }
        }
    }

    private static int partition(JsonNode set) {
        return Json.number(set, "/spec/updateStrategy/rollingUpdate/partition", 0);
    }

    /** Below the partition a pod comes again as it was. */
    private static String revisionFor(ObjectNode set, ObjectNode newest, int ordinal) {
        String before = Json.text(set, "/status/currentRevision");
        return ordinal < partition(set) && !before.isEmpty() ? before : Json.name(newest);
    }

    private static boolean isOf(JsonNode pod, JsonNode revision) {
        return Pods.label(pod, Revisions.HASH).equals(Json.name(revision));
    }

    private void create(ObjectNode set, int ordinal, String revision) {
        String name = Json.name(set) + "-" + ordinal;
        ObjectNode template =
                store.get(Resources.CONTROLLER_REVISIONS, Json.namespace(set), revision)
                        .map(found -> (ObjectNode) found.at("/data/spec/template").deepCopy())
                        .orElseThrow();
        template.remove("$patch");
        ObjectNode like = set.deepCopy();
        like.withObject("/spec").set("template", template);
        ObjectNode pod = Pods.from(like);
        ObjectNode metadata = pod.withObject("/metadata").put("name", name);
        metadata.withObjectProperty("labels")
                .put("statefulset.kubernetes.io/pod-name", name)
                .put("apps.kubernetes.io/pod-index", Integer.toString(ordinal))
                .put(Revisions.HASH, revision);
        ObjectNode spec = pod.withObject("/spec");
        spec.put("hostname", name).put("subdomain", Json.text(set, "/spec/serviceName"));
        for (JsonNode claim : Json.items(set, "/spec/volumeClaimTemplates")) {
            // The sandbox keeps nothing beyond itself, so a claim is a directory.
            spec.withArray("volumes")
                    .addObject()
                    .put("name", Json.name(claim))
                    .putObject("emptyDir");
        }
        store.create(Resources.PODS, pod);
        events.normal(
                set,
                "SuccessfulCreate",
                "create Pod %s in StatefulSet %s successful".formatted(name, Json.name(set)));
    }

    private void delete(ObjectNode set, @Nullable ObjectNode pod) {
        if (pod != null && !Json.isBeingDeleted(pod)) {
            store.delete(Resources.PODS, Json.namespace(pod), Json.name(pod));
            events.normal(
                    set,
                    "SuccessfulDelete",
                    "delete Pod %s in StatefulSet %s successful"
                            .formatted(Json.name(pod), Json.name(set)));
        }
    }

    private void writeStatus(ObjectNode set, ObjectNode newest, List<ObjectNode> pods) {
        int minReadySeconds = Json.number(set, "/spec/minReadySeconds", 0);
        int wanted = Json.number(set, "/spec/replicas", 1);
        List<ObjectNode> active = pods.stream().filter(Pods::isActive).toList();
        int updated = Json.count(active, pod -> isOf(pod, newest));
        boolean done =
                updated == wanted
                        && pods.size() == wanted
                        && Json.count(active, Pods::isReady) == wanted;
        String before = Json.text(set, "/status/currentRevision");
        String current = done || before.isEmpty() ? Json.name(newest) : before;
        ObjectNode status =
                Json.status(set)
                        .put("replicas", pods.size())
                        .put("readyReplicas", Json.count(active, Pods::isReady))
                        .put(
                                "availableReplicas",
                                Json.count(active, pod -> Pods.isAvailable(pod, minReadySeconds)))
                        .put(
                                "currentReplicas",
                                Json.count(
                                        active,
                                        pod -> Pods.label(pod, Revisions.HASH).equals(current)))
                        .put("updatedReplicas", updated)
                        .put("currentRevision", current)
                        .put("updateRevision", Json.name(newest))
                        .put("collisionCount", 0);
        Json.writeStatus(store, Resources.STATEFUL_SETS, set, status);
    }

    private static int ordinal(JsonNode pod) {
        String name = Json.name(pod);
        return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    }
}
