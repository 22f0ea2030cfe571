package tp.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the user must be allowed to do to install the manager, or to remove it. */
final class InstallRights {

    /** Server-side apply is a patch, and a create where the object does not exist yet. */
    static final List<String> INSTALLING = List.of("create", "patch");

    static final List<String> REMOVING = List.of("get", "delete");

    /**
     * A kind of which the manifests have an object.
     *
     * @param namespace empty for a kind that has none
     */
    record Target(String group, String resource, String namespace) {

        private static Target of(HasMetadata object) {
            String namespace = object.getMetadata().getNamespace();
            return new Target(
                    HasMetadata.getGroup(object.getClass()),
                    object.getPlural(),
                    namespace == null ? "" : namespace);
        }

        private AccessReview review(String verb) {
            return new AccessReview(verb, group, resource, namespace, "");
        }
    }

    private InstallRights() {}

    /** {@return each kind of the manifests once, in their order, then that which carries code} */
    static List<Target> targets(Level level) {
        return Stream.concat(
                        ManagerManifests.objects(Optional.empty(), level).stream().map(Target::of),
                        Stream.of(new Target("", "configmaps", level.home())))
                .distinct()
                .toList();
    }

    /** {@return the first right that is missing, such as {@code create on namespaces}} */
    static Optional<String> missing(Api api, List<String> verbs, Level level) {
        return AccessReview.missing(
                        api,
                        targets(level).stream()
                                .flatMap(target -> verbs.stream().map(target::review))
                                .toList())
                .stream()
                .findFirst();
    }
}
