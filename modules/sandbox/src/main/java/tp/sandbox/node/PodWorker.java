package tp.sandbox.node;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
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
            Credentials credentials) {}

    private final Node node;
    private final ObjectNode pod;
    private final PodFiles files;
    private final List<Container> initial = new ArrayList<>();
    private final List<Container> containers = new ArrayList<>();
    private final Semaphore changes = new Semaphore(0);

    private volatile long graceS = -1;
    private volatile boolean vanished;
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

    /**
     * @param container empty for the first
     */
    Optional<Container> container(String container) {
        synchronized (containers) {
            return Stream.concat(containers.stream(), initial.stream())
                    .filter(one -> container.isEmpty() || one.name().equals(container))
                    .findFirst();
        }
    }

    void run() {
        try {
            NodeNetwork.PodNetwork made = setUp();
            if (made != null) {
                Thread.ofVirtual().start(() -> startContainers(made));
            }
            while (made != null && graceS < 0) {
                publish(made);
                if (!changes.tryAcquire(REFRESH_S, TimeUnit.SECONDS)) {
                    refresh(made);
                }
                changes.drainPermits();
            }
            tearDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "pod " + Json.name(pod) + " is lost", e);
        }
    }

    /** Tokens are renewed long before their end; a changed ConfigMap comes along. */
    private void refresh(NodeNetwork.PodNetwork made) {
        try {
            files.write(made);
        } catch (TpException | ApiException e) {
            LOG.log(System.Logger.Level.DEBUG, Json.name(pod) + " keeps its old files", e);
        }
    }

    /** Tries until the pod's files and network are there: a ConfigMap may come after its pod. */
    private NodeNetwork.@Nullable PodNetwork setUp() throws InterruptedException {
        boolean blackHole =
                pod.at("/metadata/annotations")
                        .path(NETWORK_ANNOTATION)
                        .asString("")
                        .equals("blackhole");
        NodeNetwork.PodNetwork made = node.network().add(blackHole);
        network = made;
        synchronized (containers) {
            Json.items(pod, "/spec/initContainers")
                    .forEach(spec -> initial.add(container(spec, made)));
            Json.items(pod, "/spec/containers")
                    .forEach(spec -> containers.add(container(spec, made)));
        }
        bind();
        while (graceS < 0) {
            try {
                pod.set("status", PodStatus.of(pod, made, initial, containers));
                files.write(made);
                return made;
            } catch (TpException | ApiException e) {
                LOG.log(System.Logger.Level.DEBUG, Json.name(pod) + ": " + e.getMessage());
                publish(made);
                changes.tryAcquire(RETRY_S, TimeUnit.SECONDS);
            }
        }
        return null;
    }

    private void bind() {
        if (Json.text(pod, "/spec/nodeName").isEmpty()) {
            pod.withObject("/spec").put("nodeName", node.name());
            change(
                    ObjectStore.Part.MAIN,
                    current -> current.withObject("/spec").put("nodeName", node.name()));
        }
    }

    private Container container(JsonNode spec, NodeNetwork.PodNetwork made) {
        PodEnvironment environment = new PodEnvironment(node.store(), node.runtime());
        return new Container(
                spec,
                files.directory(),
                made.namespace(),
                () ->
                        node.images()
                                .find(Json.text(spec, "/image"))
                                .map(image -> start(image, spec, environment)),
                changes::release);
    }

    private Container.Start start(Images.Image image, JsonNode spec, PodEnvironment environment) {
        Map<String, String> variables = environment.variables(pod, spec, files.hostname());
        List<String> command =
                image.command(
                        PodEnvironment.expand(Json.texts(spec, "/command"), variables),
                        PodEnvironment.expand(Json.texts(spec, "/args"), variables));
        return new Container.Start(command, variables, files.writeMounts(spec));
    }

    /** The init containers one after the other, then all the others at once. */
    private void startContainers(NodeNetwork.PodNetwork made) {
        String policy = Json.text(pod, "/spec/restartPolicy");
        for (Container first : initial) {
            first.run(exit -> exit != 0 && !policy.equals("Never"));
            if (!first.hasSucceeded()) {
                return;
            }
        }
        InetAddress address = InetAddress.ofLiteral(made.address());
        for (Container container : containers) {
            Thread.ofVirtual().start(() -> container.run(exit -> restarts(policy, exit)));
            Thread.ofVirtual().start(() -> probe(container, address));
        }
    }

    private static boolean restarts(String policy, int exit) {
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> exit != 0;
            default -> true;
        };
    }

    private static void probe(Container container, InetAddress address) {
        try {
            Probe.watch(container, address);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(NodeNetwork.PodNetwork made) {
        change(
                ObjectStore.Part.STATUS,
                current -> current.set("status", PodStatus.of(current, made, initial, containers)));
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
        for (Container container : initial) {
            container.stop(graceS);
        }
        for (Container container : containers) {
            container.stop(graceS);
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
