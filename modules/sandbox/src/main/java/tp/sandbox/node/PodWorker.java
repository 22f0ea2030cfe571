package tp.sandbox.node;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.DeleteOptions;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;
import tp.sandbox.store.Write;
import tp.spi.common.TpException;

/** The life of one pod, from its binding to the node to its removal. One virtual thread. */
final class PodWorker {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");
    private static final long RETRY_S = 1;

    /** Tokens are renewed long before their end. */
    private static final long REFRESH_S = 600;

    /** Pods that carry this annotation with the value {@code blackhole} are never reached. */
    static final String NETWORK_ANNOTATION = "sandbox.tp.dev/network";

    /** What a worker needs of its node. */
    record Node(
            String name,
            ObjectStore store,
            NodeNetwork network,
            Images images,
            JavaRuntime runtime,
            Credentials credentials,
            Events events) {}

    private final Node node;
    private final PodFiles files;
    private final Semaphore changes = new Semaphore(0);

    private volatile ObjectNode pod;
    private volatile long graceS = -1;
    private volatile boolean vanished;
    private volatile boolean isStale;
    private volatile @Nullable PodContainers containers;
    private NodeNetwork.@Nullable PodNetwork network;

    PodWorker(Node node, ObjectNode pod) {
        this.node = node;
        this.pod = pod;
        this.files = new PodFiles(node.store(), node.credentials(), pod);
    }

    /** Ends the pod in order, with this many seconds for its programs to end by themselves. */
    void terminate(long graceSeconds) {
        graceS = graceS < 0 ? graceSeconds : Math.min(graceS, graceSeconds);
        changes.release();
    }

    /** Ends the pod whose object is gone already. */
    void vanish() {
        vanished = true;
        terminate(0);
    }

    /** The pod's object has changed. */
    void updated(ObjectNode now) {
        boolean differs =
                !now.at("/metadata/labels").equals(pod.at("/metadata/labels"))
                        || !now.at("/metadata/annotations").equals(pod.at("/metadata/annotations"));
        pod = now;
        if (differs) {
            configured(Json.namespace(now));
        }
    }

    /** A ConfigMap or a Secret of a namespace has changed. */
    void configured(String namespace) {
        if (namespace.equals(Json.namespace(pod)) && Volumes.mayChange(pod)) {
            isStale = true;
            changes.release();
        }
    }

    /**
     * @param container empty for the first
     */
    Optional<Container> container(String container) {
        PodContainers made = containers;
        return made == null ? Optional.empty() : made.find(container);
    }

    void run() {
        try {
            PodContainers made = setUp();
            if (made != null) {
                Thread.ofVirtual().start(made::run);
            }
            while (made != null && graceS < 0) {
                publish(made);
                boolean renew = !changes.tryAcquire(REFRESH_S, TimeUnit.SECONDS);
                changes.drainPermits();
                if (renew || isStale) {
                    isStale = false;
                    refresh();
                }
            }
            tearDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "pod " + Json.name(pod) + " is lost", e);
        }
    }

    private void refresh() {
        try {
            files.refresh(pod);
        } catch (TpException | ApiException e) {
            LOG.log(System.Logger.Level.DEBUG, Json.name(pod) + " keeps its old files", e);
        }
    }

    /** Tries until the pod's files and network are there: a ConfigMap may come after its pod. */
    private @Nullable PodContainers setUp() throws InterruptedException {
        bind();
        boolean blackHole =
                pod.at("/metadata/annotations")
                        .path(NETWORK_ANNOTATION)
                        .asString("")
                        .equals("blackhole");
        NodeNetwork.PodNetwork made = node.network().add(blackHole);
        network = made;
        PodContainers all = new PodContainers(node, () -> pod, files, made, changes::release);
        containers = all;
        ObjectNode known = pod.deepCopy();
        known.set("status", all.status().of(pod, made));
        pod = known;
        while (graceS < 0) {
            try {
                files.write(pod, made);
                return all;
            } catch (TpException | ApiException e) {
                node.events()
                        .warning(
                                pod, "FailedMount", "MountVolume.SetUp failed : " + e.getMessage());
                publish(all);
                changes.tryAcquire(RETRY_S, TimeUnit.SECONDS);
            }
        }
        return null;
    }

    private void bind() {
        if (Json.text(pod, "/spec/nodeName").isEmpty()) {
            ObjectNode bound = pod.deepCopy();
            bound.withObject("/spec").put("nodeName", node.name());
            pod = bound;
            change(
                    ObjectStore.Part.MAIN,
                    current -> current.withObject("/spec").put("nodeName", node.name()));
        }
        node.events()
                .normal(
                        pod,
                        "Scheduled",
                        "Successfully assigned %s/%s to %s"
                                .formatted(Json.namespace(pod), Json.name(pod), node.name()));
    }

    private void publish(PodContainers made) {
        change(
                ObjectStore.Part.STATUS,
                current -> current.set("status", made.status().of(current, made.network())));
    }

    /** Changes the pod's object, unless it has gone or another pod has its name by now. */
    private void change(ObjectStore.Part part, Consumer<ObjectNode> edit) {
        UnaryOperator<ObjectNode> ours =
                current -> {
                    if (Json.uid(current).equals(Json.uid(pod))) {
                        edit.accept(current);
                    }
                    return current;
                };
        try {
            node.store()
                    .modify(
                            Resources.PODS,
                            Json.namespace(pod),
                            Json.name(pod),
                            new ObjectStore.Edit(part, Write.STORED, ours));
        } catch (ApiException e) {
            LOG.log(System.Logger.Level.DEBUG, "a pod has gone: " + Json.name(pod), e);
        }
    }

    private void tearDown() throws InterruptedException {
        PodContainers made = containers;
        if (made != null) {
            Thread stopping = Thread.ofVirtual().start(() -> made.stop(graceS));
            while (!stopping.join(Duration.ofMillis(20))) {
                if (graceS == 0) {
                    made.kill();
                }
                if (changes.tryAcquire()) {
                    changes.drainPermits();
                    publish(made);
                }
            }
            publish(made);
        }
        if (network != null) {
            node.network().remove(network);
        }
        files.delete();
        if (!vanished) {
            deleteObject();
        }
    }

    /** Tells the store that the pod has ended: only this pod, not a later one of its name. */
    private void deleteObject() {
        DeleteOptions usual = DeleteOptions.atOnce();
        try {
            node.store()
                    .delete(
                            Resources.PODS,
                            Json.namespace(pod),
                            Json.name(pod),
                            new DeleteOptions(
                                    0L, usual.propagation(), Json.uid(pod), "", usual.write()));
        } catch (ApiException e) {
            LOG.log(System.Logger.Level.DEBUG, "a pod has gone: " + Json.name(pod), e);
        }
    }
}
