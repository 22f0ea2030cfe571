package tp.sandbox.node;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Resources;
import tp.sandbox.store.WatchEvent;

/**
 * Runs every pod of the store that belongs to this node, or to none yet: one worker per pod, by the
 * pod's uid.
 */
final class Kubelet {

    private static final int DEFAULT_GRACE_S = 30;

    private final PodWorker.Node node;
    private final Map<String, PodWorker> workers;

    /**
     * @param workers filled and emptied here, read by others
     */
    Kubelet(PodWorker.Node node, ConcurrentMap<String, PodWorker> workers) {
        this.node = node;
        this.workers = workers;
    }

    void start() {
        // The store keeps the watches for as long as the process lives.
        node.store().watch(Resources.PODS, this::changed);
        for (var type : List.of(Resources.CONFIG_MAPS, Resources.SECRETS)) {
            node.store().watch(type, event -> configured(Json.namespace(event.object())));
        }
    }

    private void configured(String namespace) {
        workers.values().forEach(worker -> worker.configured(namespace));
    }

    private void changed(WatchEvent event) {
        ObjectNode pod = event.object();
        String uid = Json.uid(pod);
        PodWorker worker = workers.get(uid);
        if (event.kind() == WatchEvent.Kind.DELETED) {
            if (worker != null) {
                worker.vanish();
            }
            return;
        }
        if (worker == null) {
            if (!isForThisNode(pod) || Pods.isOver(pod)) {
                return;
            }
            worker = begin(uid, pod);
        } else {
            worker.updated(pod.deepCopy());
        }
        if (Json.isBeingDeleted(pod)) {
            worker.terminate(
                    Json.number(pod, "/metadata/deletionGracePeriodSeconds", DEFAULT_GRACE_S));
        }
    }

    private boolean isForThisNode(ObjectNode pod) {
        String name = Json.text(pod, "/spec/nodeName");
        if (!name.isEmpty()) {
            return name.equals(node.name());
        }
        Map<String, String> selector = Json.map(pod, "/spec/nodeSelector");
        boolean fits =
                selector.isEmpty()
                        || node.store()
                                .get(Resources.NODES, "", node.name())
                                .filter(found -> Json.matches(selector, found))
                                .isPresent();
        if (!fits && Json.condition(pod.path("status"), "PodScheduled").isEmpty()) {
            refuse(pod);
        }
        return fits;
    }

    private void refuse(ObjectNode pod) {
        String why =
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
        ObjectNode marked = pod.deepCopy();
        marked.withObject("/metadata").remove("resourceVersion");
        ObjectNode status = marked.withObjectProperty("status");
        Json.conditions(
                status,
                Json.object(),
                List.of(Json.condition("PodScheduled", false, "Unschedulable", why)));
        try {
            node.store().updateStatus(Resources.PODS, marked);
            node.events().warning(pod, "FailedScheduling", why);
        } catch (ApiException e) {
            System.getLogger("tp.sandbox").log(System.Logger.Level.DEBUG, "a pod has gone", e);
        }
    }

    private PodWorker begin(String uid, ObjectNode pod) {
        PodWorker worker = new PodWorker(node, pod.deepCopy());
        workers.put(uid, worker);
        Thread.ofVirtual()
                .name("pod-" + Json.name(pod))
                .start(
                        () -> {
                            try {
                                worker.run();
                            } finally {
                                workers.remove(uid);
                            }
                        });
        return worker;
    }
}
