package tp.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** Applies the manager's manifests and waits until the manager takes connections. */
final class ManagerInstallation {

    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What does not heal in this time, such as an image that cannot be pulled, is the answer. */
    static final Duration OBSTACLE_PATIENCE = Duration.ofSeconds(15);

    private static final Duration INTERVAL = Duration.ofMillis(300);
    private static final String FIELD_MANAGER = "tp";

    private final Api api;
    private final Pace pace;
    private final Consumer<String> progress;
    private String lastLine = "";
    private @Nullable String obstacle;
    private long obstacleSinceNs;

    ManagerInstallation(Api api, Pace pace, Consumer<String> progress) {
        this.api = api;
        this.pace = pace;
        this.progress = progress;
    }

    void run() {
        for (HasMetadata object : manifests(api)) {
            String name = object.getKind() + " " + object.getMetadata().getName();
            api.call("apply " + name, client -> apply(client, object));
            say("applied " + name);
        }
        await();
    }

    static List<HasMetadata> manifests(Api api) {
        try (InputStream yaml = ManagerInstallation.class.getResourceAsStream("manager.yaml")) {
            if (yaml == null) {
                throw new TpException(Category.BUG, "the manager's manifests are missing", "");
            }
            return api.client().load(yaml).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HasMetadata apply(
            io.fabric8.kubernetes.client.KubernetesClient client, HasMetadata object) {
        return client.resource(object)
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private void await() {
        long startNs = pace.nowNs();
        while (true) {
            List<Pod> pods = Manager.pods(api);
            boolean ready = Manager.published(api, pods).isPresent();
            Optional<String> found = ready ? Optional.empty() : findObstacle(pods);
            // Where there is no pod, only the Deployment can say why.
            say(pods.isEmpty() ? found.orElse("no pod yet") : ManagerObjects.state(pods));
            if (ready) {
                return;
            }
            checkObstacle(found);
            if (pace.nowNs() - startNs >= PATIENCE.toNanos()) {
                throw new TpException(
                        Category.ENVIRONMENT,
                        "the manager was installed but is not ready after "
                                + PATIENCE.toSeconds()
                                + " s: "
                                + ManagerObjects.state(pods),
                        next());
            }
            pace.pause(INTERVAL);
        }
    }

    private Optional<String> findObstacle(List<Pod> pods) {
        return ManagerObjects.obstacle(pods, pods.isEmpty() ? deployment() : Optional.empty());
    }

    private void checkObstacle(Optional<String> found) {
        if (found.isEmpty()) {
            obstacle = null;
            return;
        }
        if (obstacle == null) {
            obstacleSinceNs = pace.nowNs();
        }
        obstacle = found.get();
        if (pace.nowNs() - obstacleSinceNs >= OBSTACLE_PATIENCE.toNanos()) {
            throw new TpException(
                    Category.ENVIRONMENT, "the manager cannot start: " + found.get(), next());
        }
    }

    private Optional<Deployment> deployment() {
        return Optional.ofNullable(
                api.call(
                        "read the Deployment tp-manager",
                        client ->
                                client.apps()
                                        .deployments()
                                        .inNamespace(ManagerObjects.NAMESPACE)
                                        .withName(ManagerObjects.NAME)
                                        .get()));
    }

    private static String next() {
        return "see 'kubectl -n tp-system describe pods' and 'kubectl -n tp-system logs"
                + " deployment/tp-manager', then connect again";
    }

    private void say(String line) {
        if (!line.equals(lastLine)) {
            lastLine = line;
            progress.accept(line);
        }
    }
}
