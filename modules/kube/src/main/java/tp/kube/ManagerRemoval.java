package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;

/** Removes what an install made, and what the manager made itself; nothing else. */
final class ManagerRemoval {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration INTERVAL = Duration.ofMillis(300);

    private final Api api;
    private final Pace pace;
    private final Level level;
    private final Consumer<String> progress;
    private final List<String> removed = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();

    ManagerRemoval(Api api, Pace pace, Level level, Consumer<String> progress) {
        this.api = api;
        this.pace = pace;
        this.level = level;
        this.progress = progress;
    }

    Removed run() {
        List<HasMetadata> objects = ManagerManifests.objects(Optional.empty(), level).reversed();
        for (HasMetadata object : objects) {
            if (!(object instanceof Namespace)) {
                removeOurs(object);
            }
            if (object instanceof Deployment) {
                // It would publish again what is removed below.
                await(
                        () -> Manager.pods(api, level.home()).isEmpty(),
                        "the manager's pods to end",
                        "kubectl -n " + level.home() + " get pods");
            }
        }
        new CodeMaps(api, level.home()).found().forEach(this::remove);
        for (HasMetadata object : ofTheManager()) {
            find(object).ifPresent(this::remove);
        }
        objects.stream().filter(Namespace.class::isInstance).forEach(this::removeNamespace);
        return new Removed(removed, kept);
    }

    /** What no manifest names. */
    private List<HasMetadata> ofTheManager() {
        return List.of(
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(ManagerObjects.INFO)
                        .withNamespace(level.home())
                        .endMetadata()
                        .build(),
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(ManagerObjects.KEY)
                        .withNamespace(level.home())
                        .endMetadata()
                        .build());
    }

    private void removeOurs(HasMetadata object) {
        find(object)
                .ifPresent(
                        found -> {
                            if (ManagerManifests.isOurs(found)) {
                                remove(found);
                            } else {
                                kept.add(ManagerManifests.name(found) + ", which tp has not made");
                            }
                        });
    }

    private void removeNamespace(HasMetadata namespace) {
        Optional<HasMetadata> found = find(namespace);
        if (found.isEmpty()) {
            return;
        }
        String name = ManagerManifests.name(namespace);
        if (!ManagerManifests.isOurs(found.get())) {
            kept.add(name + ", which tp has not made");
            return;
        }
        List<String> others = new NamespaceContents(api, level.home()).others();
        if (!others.isEmpty()) {
            kept.add(name + ", which also has " + String.join(", ", others));
            return;
        }
        remove(found.get());
        await(
                () -> find(namespace).isEmpty(),
                "the Namespace " + level.home() + " to be gone",
                "kubectl get namespace " + level.home() + " -o yaml");
    }

    private Optional<HasMetadata> find(HasMetadata object) {
        return Optional.ofNullable(
                api.<@Nullable HasMetadata>call(
                        "read " + ManagerManifests.name(object),
                        client -> client.resource(object).get()));
    }

    private void remove(HasMetadata object) {
        String name = ManagerManifests.name(object);
        api.call("remove " + name, client -> client.resource(object).delete());
        removed.add(name);
        progress.accept("removed " + name);
    }

    private void await(BooleanSupplier done, String what, String look) {
        long startNs = pace.nowNs();
        boolean told = false;
        while (!done.getAsBoolean()) {
            if (!told) {
                progress.accept("Waiting for " + what + " ...");
                told = true;
            }
            if (pace.nowNs() - startNs >= PATIENCE.toNanos()) {
                throw TpException.environment(
                        "waited " + PATIENCE.toSeconds() + " s in vain for " + what,
                        "see '" + look + "', then run 'tp uninstall' again");
            }
            pace.pause(INTERVAL);
        }
    }
}
