package tp.kube;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** Waits until the manager takes connections, and tells how far it is. */
final class ManagerStart {

    /** What does not heal in this time, such as an image that cannot be pulled, is the answer. */
    static final Duration OBSTACLE_PATIENCE = Duration.ofSeconds(15);

    private static final Duration INTERVAL = Duration.ofMillis(300);

    private final Api api;
    private final Pace pace;
    private final String home;
    private final Consumer<String> progress;
    private final Supplier<Optional<Deployment>> deployment;
    private String lastLine = "";
    private @Nullable String obstacle;
    private long obstacleSinceNs;

    /**
     * @param home the namespace that the manager is in
     * @param progress takes a line at each change, on the calling thread
     * @param deployment asked for why there is no pod; empty for whoever may not read it
     */
    ManagerStart(
            Api api,
            Pace pace,
            String home,
            Consumer<String> progress,
            Supplier<Optional<Deployment>> deployment) {
        this.api = api;
        this.pace = pace;
        this.home = home;
        this.progress = progress;
        this.deployment = deployment;
    }

    /**
     * @param failure begins what is said where the time is up
     * @throws TpException with why it does not start
     */
    void await(String failure, Duration patience) {
        await(failure, patience, () -> true);
    }

    /** The same until no pod is left of before the Deployment was changed. */
    void awaitRollout(String failure, Duration patience) {
        await(
                failure,
                patience,
                () -> deployment.get().filter(ManagerObjects::isRolledOut).isPresent());
    }

    private void await(String failure, Duration patience, BooleanSupplier complete) {
        long startNs = pace.nowNs();
        while (true) {
            List<ManagerPod> pods = Manager.pods(api, home);
            boolean ready =
                    Manager.published(api, home, pods).isPresent() && complete.getAsBoolean();
            Optional<String> found = ready ? Optional.empty() : findObstacle(pods);
            // Where there is no pod, only the Deployment can say why.
            say(pods.isEmpty() ? found.orElse("no pod yet") : ManagerObjects.state(pods));
            if (ready) {
                return;
            }
            checkObstacle(found);
            if (pace.nowNs() - startNs >= patience.toNanos()) {
                throw new TpException(
                        Category.ENVIRONMENT,
                        "%s after %d s: %s"
                                .formatted(
                                        failure, patience.toSeconds(), ManagerObjects.state(pods)),
                        look());
            }
            pace.pause(INTERVAL);
        }
    }

    private Optional<String> findObstacle(List<ManagerPod> pods) {
        return ManagerObjects.obstacle(pods, deployment);
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
                    Category.ENVIRONMENT,
                    "the manager cannot start: " + found.get(),
                    next(found.get()));
        }
    }

    /** By words that the kubelet and the API server have for these; they have no codes. */
    private String next(String obstacle) {
        if (obstacle.contains(JarPod.ANOTHER_CODE)) {
            return JarPod.NEXT;
        } else if (obstacle.startsWith("ErrImage")
                || obstacle.startsWith("ImagePull")
                || obstacle.startsWith("InvalidImageName")) {
            return "put the image where the nodes can pull it, and name it by 'tp install --image', or"
                    + " --runtime-image if it is that of Java";
        } else if (obstacle.contains("exceeded quota")) {
            return raiseQuota(home);
        } else if (obstacle.contains("PodSecurity") || obstacle.contains("admission webhook")) {
            return "ask who made that rule to let the manager's pod pass, then try again";
        }
        return look();
    }

    static String raiseQuota(String namespace) {
        return "raise the quota of the namespace " + namespace + ", then try again";
    }

    private String look() {
        return "see 'kubectl -n %s describe pods' and 'kubectl -n %s logs deployment/tp-manager',"
                        .formatted(home, home)
                + " then try again";
    }

    private void say(String line) {
        if (!line.equals(lastLine)) {
            lastLine = line;
            progress.accept(line);
        }
    }
}
