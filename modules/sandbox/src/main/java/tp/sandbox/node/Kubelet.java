package tp.sandbox.node;

import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Resources;
import tp.sandbox.store.WatchEvent;

/** Runs every pod of the store: one worker per pod, by the pod's uid. */
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
        // The store keeps the watch for as long as the process lives.
        node.store().watch(Resources.PODS, this::changed);
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
            worker = begin(uid, pod);
        }
        if (Json.isBeingDeleted(pod)) {
            worker.terminate(
                    Json.number(pod, "/metadata/deletionGracePeriodSeconds", DEFAULT_GRACE_S));
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
