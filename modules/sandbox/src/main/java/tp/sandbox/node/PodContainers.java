package tp.sandbox.node;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The containers of one pod: in which order they start and end. */
final class PodContainers implements Container.Surroundings {

    private final PodWorker.Node node;
    private final Supplier<ObjectNode> pod;
    private final PodFiles files;
    private final NodeNetwork.PodNetwork network;
    private final Runnable changed;
    private final PodEnvironment environment;
    private final List<Container> initial = new ArrayList<>();
    private final List<Container> containers = new ArrayList<>();

    /**
     * @param pod as it is at the moment
     * @param changed called after every change of a container's state
     */
    PodContainers(
            PodWorker.Node node,
            Supplier<ObjectNode> pod,
            PodFiles files,
            NodeNetwork.PodNetwork network,
            Runnable changed) {
        this.node = node;
        this.pod = pod;
        this.files = files;
        this.network = network;
        this.changed = changed;
        this.environment = new PodEnvironment(node.store());
        List<JsonNode> first = Json.items(pod.get(), "/spec/initContainers");
        var state =
                new ContainerState.Waiting(
                        first.isEmpty() ? "ContainerCreating" : "PodInitializing", "");
        first.forEach(spec -> initial.add(new Container(spec, this, state)));
        Json.items(pod.get(), "/spec/containers")
                .forEach(spec -> containers.add(new Container(spec, this, state)));
    }

    PodStatus status() {
        return new PodStatus(initial, containers);
    }

    Optional<Container> find(String name) {
        return Stream.concat(containers.stream(), initial.stream())
                .filter(one -> name.isEmpty() || one.name().equals(name))
                .findFirst();
    }

    NodeNetwork.PodNetwork network() {
        return network;
    }

    /** The init containers one after the other, then all the others at once. */
    void run() {
        try {
            String policy = Json.text(pod.get(), "/spec/restartPolicy");
            for (Container first : initial) {
                if (first.isSidecar()) {
                    Thread.ofVirtual().start(() -> first.run(exit -> true));
                    first.awaitStarted();
                } else {
                    first.run(exit -> exit != 0 && !policy.equals("Never"));
                    if (!first.hasSucceeded()) {
                        stopSidecars(graceSeconds());
                        return;
                    }
                }
            }
            inParallel(containers, container -> container.run(exit -> restarts(policy, exit)));
            stopSidecars(graceSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean restarts(String policy, int exit) {
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> exit != 0;
            default -> true;
        };
    }

    private interface Work {
        void on(Container container) throws InterruptedException;
    }

    private static void inParallel(List<Container> all, Work work) throws InterruptedException {
        CountDownLatch open = new CountDownLatch(all.size());
        for (Container container : all) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    work.on(container);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                } finally {
                                    open.countDown();
                                }
                            });
        }
        open.await();
    }

    /** Ends all of them, those that serve the others last. */
    void stop(long graceS) {
        try {
            List<Container> ordinary =
                    Stream.concat(
                                    containers.stream(),
                                    initial.stream().filter(container -> !container.isSidecar()))
                            .toList();
            inParallel(ordinary, container -> container.stop(graceS));
            stopSidecars(graceS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopSidecars(long graceS) throws InterruptedException {
        for (Container container : initial.reversed()) {
            if (container.isSidecar()) {
                container.stop(graceS);
            }
        }
    }

    void kill() {
        Stream.concat(initial.stream(), containers.stream()).forEach(Container::kill);
    }

    @Override
    public ContainerProcess.Start prepare(JsonNode spec) throws NotStartedException {
        ObjectNode now = pod.get();
        String name = Json.text(spec, "/image");
        Images.Image image =
                node.images()
                        .find(name)
                        .orElseThrow(
                                () ->
                                        new NotStartedException(
                                                "ErrImagePull",
                                                "failed to pull image \"%s\": the sandbox brings no such program"
                                                        .formatted(name)));
        Security security = Security.of(now, spec);
        Map<String, String> variables =
                environment.variables(now, spec, PodFiles.hostname(now), image.javaHome());
        List<String> command =
                image.command(
                        PodEnvironment.expand(Json.texts(spec, "/command"), variables),
                        PodEnvironment.expand(Json.texts(spec, "/args"), variables));
        told(
                spec,
                new Events.Telling(
                        false,
                        "Pulled",
                        "Container image \"%s\" already present on machine".formatted(name)));
        return new ContainerProcess.Start(
                command,
                variables,
                security,
                files.writeMounts(now, spec),
                files.terminationMessage(spec));
    }

    @Override
    public Path directory() {
        return files.directory();
    }

    @Override
    public String networkName() {
        return network.namespace();
    }

    @Override
    public InetAddress address() {
        return InetAddress.ofLiteral(network.address());
    }

    @Override
    public String title() {
        ObjectNode now = pod.get();
        return "%s_%s(%s)".formatted(Json.name(now), Json.namespace(now), Json.uid(now));
    }

    @Override
    public long graceSeconds() {
        return Json.number(pod.get(), "/spec/terminationGracePeriodSeconds", 30);
    }

    @Override
    public void changed() {
        changed.run();
    }

    @Override
    public void told(JsonNode container, Events.Telling telling) {
        String list =
                Json.items(pod.get(), "/spec/containers").stream()
                                .anyMatch(
                                        one ->
                                                Json.text(one, "/name")
                                                        .equals(Json.text(container, "/name")))
                        ? "containers"
                        : "initContainers";
        node.events()
                .about(
                        pod.get(),
                        "spec.%s{%s}".formatted(list, Json.text(container, "/name")),
                        telling);
    }
}
