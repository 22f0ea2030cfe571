package tp.kube;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;

/**
 * Where in the cluster the manager is looked for: where the user says, else in tp-system, which is
 * that of a manager for the whole cluster, and then in the namespace of his context.
 */
final class ManagerPlace {

    private static final String PRINTED =
            "ask an administrator of the cluster for what 'tp install --print-rbac --for installer'"
                    + " shows";

    private final Api api;
    private final List<String> homes;
    private final String own;
    private volatile String likely;

    /**
     * @param own the namespace of the user's context
     */
    ManagerPlace(Api api, Optional<String> given, String own) {
        this.api = api;
        this.own = own;
        homes =
                given.map(List::of)
                        .orElseGet(
                                () ->
                                        List.copyOf(
                                                new LinkedHashSet<>(
                                                        List.of(ManagerObjects.NAMESPACE, own))));
        likely = homes.getFirst();
    }

    /** {@return the namespace where it was seen, else the first where it is looked for} */
    String likely() {
        return likely;
    }

    /**
     * {@return what is there, empty where no manager is installed}
     *
     * @throws TpException where the first place may not be seen, and the others have none
     */
    Optional<Manager.Sighting> find() {
        @Nullable TpException unseen = null;
        for (String home : homes) {
            try {
                Optional<Manager.Sighting> found = Manager.find(api, home);
                if (found.isPresent()) {
                    likely = home;
                    return found;
                }
            } catch (TpException e) {
                if (Failures.code(e) != 403) {
                    throw e;
                } else if (home.equals(homes.getFirst())) {
                    unseen = e;
                }
            }
        }
        if (unseen != null) {
            throw unseen;
        }
        return Optional.empty();
    }

    /**
     * {@return at which level an install is to be}
     *
     * @param asked empty: that of the manager in the context's namespace, or else the widest that
     *     the user's rights allow
     * @throws TpException where they allow none
     */
    Level toInstall(Optional<Level> asked, Consumer<String> progress) {
        if (asked.isPresent()) {
            require(InstallRights.INSTALLING, asked.get(), "install");
            return asked.get();
        }
        Optional<String> everywhere = missing(Level.WHOLE_CLUSTER);
        if (everywhere.isEmpty()) {
            return Level.WHOLE_CLUSTER;
        }
        Level.Namespaces alone =
                there(own)
                        .filter(Level.Namespaces.class::isInstance)
                        .map(Level.Namespaces.class::cast)
                        .orElseGet(() -> new Level.Namespaces(List.of(own)));
        Optional<String> here = missing(alone);
        if (here.isPresent()) {
            throw TpException.environment(
                    "you may not install the manager: for the whole cluster "
                            + everywhere.get()
                            + " is missing, for the namespace "
                            + own
                            + " alone "
                            + here.get(),
                    PRINTED);
        }
        progress.accept(
                "You may not "
                        + everywhere.get()
                        + "; so it is for "
                        + String.join(", ", alone.names())
                        + " alone, with Roles only");
        return alone;
    }

    /** {@return the level at which it was installed, as far as that can be seen} */
    Level toRemove(Optional<Level> asked) {
        Level level =
                asked.orElseGet(
                        () ->
                                homes.stream()
                                        .map(this::there)
                                        .flatMap(Optional::stream)
                                        .findFirst()
                                        .orElse(Level.WHOLE_CLUSTER));
        require(InstallRights.REMOVING, level, "remove");
        return level;
    }

    private Optional<String> missing(Level level) {
        return InstallRights.missing(api, InstallRights.INSTALLING, level);
    }

    private void require(List<String> verbs, Level level, String doing) {
        InstallRights.missing(api, verbs, level)
                .ifPresent(
                        right -> {
                            throw TpException.environment(
                                    "you may not "
                                            + doing
                                            + " the manager: "
                                            + right
                                            + " is missing",
                                    PRINTED);
                        });
    }

    private Optional<Level> there(String home) {
        return EarlierInstallation.seenIn(api, home)
                .filter(ManagerManifests::isOurs)
                .map(RolesOnly::levelOf);
    }
}
