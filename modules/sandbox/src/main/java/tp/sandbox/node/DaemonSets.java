package tp.sandbox.node;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Keeps DaemonSets: one pod on each node, which here is one pod. */
final class DaemonSets {

    private final ObjectStore store;
    private final Revisions revisions;
    private final Events events;

    DaemonSets(ObjectStore store) {
        this.store = store;
        this.revisions = new Revisions(store);
        this.events = new Events(store, "daemonset-controller");
    }

    void reconcile() {
        Reconciler.each(store, Resources.DAEMON_SETS, this::reconcile);
    }

    private void reconcile(ObjectNode set) {
        String hash = Pods.label(revisions.current(set), Revisions.HASH);
        List<ObjectNode> nodes =
                store.list(Resources.NODES, "").stream()
                        .filter(node -> Json.matches(selector(set), node))
                        .toList();
        List<ObjectNode> pods = Pods.of(store, set);
        for (ObjectNode pod : pods) {
            boolean isMisplaced =
                    nodes.stream().noneMatch(node -> isOn(pod, node)) || Pods.isOver(pod);
            boolean isOld =
                    !Pods.label(pod, Revisions.HASH).equals(hash)
                            && Json.text(set, "/spec/updateStrategy/type").equals("RollingUpdate");
            if ((isMisplaced || isOld) && !Json.isBeingDeleted(pod)) {
                store.delete(Resources.PODS, Json.namespace(pod), Json.name(pod));
                events.normal(set, "SuccessfulDelete", "Deleted pod: " + Json.name(pod));
            }
        }
        for (ObjectNode node : nodes) {
            if (pods.stream().noneMatch(pod -> isOn(pod, node))) {
                create(set, node, hash);
            }
        }
        writeStatus(set, nodes.size(), hash);
    }

    private static Map<String, String> selector(JsonNode set) {
        return Json.map(set, "/spec/template/spec/nodeSelector");
    }

    private static boolean isOn(JsonNode pod, JsonNode node) {
        return Json.text(pod, "/spec/nodeName").equals(Json.name(node));
    }

    private void create(ObjectNode set, ObjectNode node, String hash) {
        ObjectNode pod = Pods.from(set);
        ObjectNode metadata = pod.withObject("/metadata").put("generateName", Json.name(set) + "-");
        metadata.withObjectProperty("labels").put(Revisions.HASH, hash);
        pod.withObject("/spec").put("nodeName", Json.name(node));
        ObjectNode made = store.create(Resources.PODS, pod);
        events.normal(set, "SuccessfulCreate", "Created pod: " + Json.name(made));
    }

    private void writeStatus(ObjectNode set, int desired, String hash) {
        List<ObjectNode> pods = Pods.of(store, set).stream().filter(Pods::isActive).toList();
        int minReadySeconds = Json.number(set, "/spec/minReadySeconds", 0);
        int available = Json.count(pods, pod -> Pods.isAvailable(pod, minReadySeconds));
        ObjectNode status =
                Json.status(set)
                        .put("desiredNumberScheduled", desired)
                        .put("currentNumberScheduled", pods.size())
                        .put("numberMisscheduled", 0)
                        .put("numberReady", Json.count(pods, Pods::isReady))
                        .put("numberAvailable", available)
                        .put(
                                "updatedNumberScheduled",
                                Json.count(
                                        pods, pod -> Pods.label(pod, Revisions.HASH).equals(hash)));
        if (desired > available) {
            status.put("numberUnavailable", desired - available);
        }
        Json.writeStatus(store, Resources.DAEMON_SETS, set, status);
    }
}
