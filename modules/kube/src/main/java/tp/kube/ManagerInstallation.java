package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
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

    private static final String FIELD_MANAGER = "tp";

    /**
     * 413 Content Too Large, 422 Unprocessable Content: by the server, or by who stands before it.
     */
    private static final List<Integer> TOO_LARGE = List.of(413, 422);

    private final Api api;
    private final InstallSettings settings;
    private final Level level;
    private final Consumer<String> progress;
    private final EarlierInstallation earlier;
    private final ManagerStart start;

    /** At that level, whatever the settings say of it. */
    ManagerInstallation(
            Api api, Pace pace, InstallSettings settings, Level level, Consumer<String> progress) {
        this.api = api;
        this.settings = settings;
        this.level = level;
        this.progress = progress;
        earlier = new EarlierInstallation(api, pace, level.home(), progress);
        start = new ManagerStart(api, pace, level.home(), progress, earlier::deployment);
    }

    /** {@return how many objects were made or changed} */
    int run() {
        earlier.awaitNamespaceThatEnds();
        if (!settings.force()) {
            earlier.check(settings);
        }
        int changed = 0;
        List<HasMetadata> objects = JarDelivery.objects(settings.delivery(), level);
        for (HasMetadata object : objects) {
            if (applied(object)) {
                progress.accept("applied " + ManagerManifests.name(object));
                changed++;
            }
        }
        start.awaitRollout("the manager was installed but is not ready", PATIENCE);
        removeOldCode(objects);
        return changed;
    }

    /** That of before an upgrade, which no pod runs any more; of no importance to the new one. */
    private void removeOldCode(List<HasMetadata> objects) {
        List<String> used =
                objects.stream()
                        .filter(ConfigMap.class::isInstance)
                        .map(map -> map.getMetadata().getName())
                        .toList();
        try {
            new CodeMaps(api, level.home())
                    .removeOthers(used)
                    .forEach(map -> progress.accept("removed " + ManagerManifests.name(map)));
        } catch (TpException e) {
            progress.accept("the code of an earlier manager stays: " + e.getMessage());
        }
    }

    /** {@return whether that has changed anything} */
    private boolean applied(HasMetadata object) {
        Optional<HasMetadata> before = before(object);
        if (object instanceof Namespace && before.filter(one -> !ours(one)).isPresent()) {
            // Somebody's own: what is not marked as ours is not removed with the rest either.
            return false;
        }
        if (object instanceof ConfigMap wanted && before.isPresent()) {
            CodeMaps.requireSame(wanted, (ConfigMap) before.get());
            return false;
        }
        HasMetadata after = apply(object);
        @Nullable String version = after.getMetadata().getResourceVersion();
        return version == null
                || before.filter(one -> version.equals(one.getMetadata().getResourceVersion()))
                        .isEmpty();
    }

    private static boolean ours(HasMetadata object) {
        return ManagerManifests.isOurs(object);
    }

    /** Nothing where it may not be seen: an apply needs no right to read. */
    private Optional<HasMetadata> before(HasMetadata object) {
        return api.seen(
                "read " + ManagerManifests.name(object), client -> client.resource(object).get());
    }

    private HasMetadata apply(HasMetadata object) {
        String doing = "apply " + ManagerManifests.name(object);
        try {
            return api.call(doing, client -> apply(client, object));
        } catch (TpException e) {
            throw refused(object, e);
        }
    }

    private TpException refused(HasMetadata object, TpException e) {
        String message = String.valueOf(e.getMessage());
        String next;
        if (message.contains("exceeded quota")) {
            next = ManagerStart.raiseQuota(level.home());
        } else if (Failures.code(e) == 409) {
            next =
                    "somebody else has set that: take it back with them, or overwrite it by"
                            + " 'tp install --force'";
        } else if (object instanceof ConfigMap && TOO_LARGE.contains(Failures.code(e))) {
            next = "bring the manager's code in an image instead, by 'tp install --image'";
        } else {
            return e;
        }
        return new TpException(Category.ENVIRONMENT, message, next, e);
    }

    private HasMetadata apply(KubernetesClient client, HasMetadata object) {
        var resource = client.resource(object).fieldManager(FIELD_MANAGER);
        return settings.force()
                ? resource.forceConflicts().serverSideApply()
                : resource.serverSideApply();
    }
}
