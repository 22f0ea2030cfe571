package tp.kube;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.lang.module.ModuleDescriptor.Version;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;

/**
 * What is in the cluster of a manager before it is installed: of another version, or on its way
 * out.
 */
final class EarlierInstallation {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String READING = "read the Deployment tp-manager";
    private static final Duration INTERVAL = Duration.ofMillis(300);

    private final Api api;
    private final Pace pace;
    private final String home;
    private final Consumer<String> progress;

    /**
     * @param home the namespace that the manager is in
     */
    EarlierInstallation(Api api, Pace pace, String home, Consumer<String> progress) {
        this.api = api;
        this.pace = pace;
        this.home = home;
        this.progress = progress;
    }

    /** {@return the manager's Deployment, empty where there is none} */
    Optional<Deployment> deployment() {
        return Optional.ofNullable(
                api.<@Nullable Deployment>call(READING, client -> deployment(client, home)));
    }

    /** {@return the same for whoever may not be allowed to see it, who sees none} */
    static Optional<Deployment> seenIn(Api api, String home) {
        return api.seen(READING, client -> deployment(client, home));
    }

    private static @Nullable Deployment deployment(KubernetesClient client, String home) {
        return client.apps().deployments().inNamespace(home).withName(ManagerObjects.NAME).get();
    }

    /**
     * Nothing can be made in a namespace that is being deleted.
     *
     * @throws TpException where it is still there after a minute
     */
    void awaitNamespaceThatEnds() {
        long startNs = pace.nowNs();
        boolean told = false;
        while (namespaceEnds()) {
            if (!told) {
                progress.accept("Waiting for the Namespace " + home + " to be gone ...");
                told = true;
            }
            if (pace.nowNs() - startNs >= PATIENCE.toNanos()) {
                throw TpException.environment(
                        "the Namespace "
                                + home
                                + " is being deleted, and still there after "
                                + PATIENCE.toSeconds()
                                + " s",
                        "see what keeps it in 'kubectl get namespace "
                                + home
                                + " -o yaml', then try again");
            }
            pace.pause(INTERVAL);
        }
    }

    /** False also where it may not be seen. */
    private boolean namespaceEnds() {
        return api.<Namespace>seen(
                        "read the Namespace " + home,
                        client -> client.namespaces().withName(home).get())
                .filter(one -> one.getMetadata().getDeletionTimestamp() != null)
                .isPresent();
    }

    /**
     * Neither an image that somebody chose nor a newer manager is lost by an install that does not
     * know of it.
     *
     * @throws TpException where one would be
     */
    void check(InstallSettings wanted) {
        Optional<Deployment> there = deployment();
        if (there.isEmpty()) {
            return;
        }
        String version = Manager.publishedVersion(api, home);
        if (isNewer(version, wanted.version())) {
            throw TpException.environment(
                    "the manager in this cluster is tp "
                            + version
                            + ", newer than this one, which is "
                            + wanted.version(),
                    "update tp here, or go back to this version by 'tp install --force'");
        }
        if (!wanted.isNamed()) {
            image(there.get())
                    .filter(image -> !isUsual(image))
                    .ifPresent(image -> requireChosen(image, JarPod.isIn(there.get())));
        }
    }

    private static void requireChosen(String image, boolean isRuntime) {
        String option = (isRuntime ? "--runtime-image " : "--image ") + image;
        throw TpException.environment(
                "the manager in this cluster is of the image " + image,
                "say which image to use: 'tp install "
                        + option
                        + "', or the usual one by 'tp install --force'");
    }

    private static Optional<String> image(Deployment deployment) {
        return deployment.getSpec() == null
                ? Optional.empty()
                : deployment.getSpec().getTemplate().getSpec().getContainers().stream()
                        .map(container -> Failures.oneLine(String.valueOf(container.getImage())))
                        .findFirst();
    }

    /** Of whichever version: an upgrade changes the tag. */
    private static boolean isUsual(String image) {
        return Stream.of(ManagerManifests.USUAL_IMAGE, Delivery.USUAL_RUNTIME)
                .map(usual -> usual.substring(0, usual.lastIndexOf(':') + 1))
                .anyMatch(image::startsWith);
    }

    private static boolean isNewer(String one, String other) {
        try {
            return Version.parse(one).compareTo(Version.parse(other)) > 0;
        } catch (IllegalArgumentException e) {
            return false; // what is no version is not compared
        }
    }
}
