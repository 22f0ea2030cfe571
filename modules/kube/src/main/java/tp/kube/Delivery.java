package tp.kube;

import java.nio.file.Path;
import java.util.Optional;

/** How the manager's code comes into its pod. */
public sealed interface Delivery {

    /** A plain Java 25 of a public registry, with glibc, a shell and coreutils in it. */
    String USUAL_RUNTIME = "docker.io/library/eclipse-temurin:25.0.4_7-jre-noble";

    /**
     * An image that holds it.
     *
     * @param name as the nodes can pull it
     */
    record Image(String name) implements Delivery {

        /**
         * @throws tp.spi.common.TpException where no image can have that name
         */
        public Image {
            ManagerManifests.check(name);
        }
    }

    /**
     * ConfigMaps, out of which the pod puts it together; it runs on an image that knows nothing of
     * tp.
     *
     * @param runtime that image, where it is not {@link #USUAL_RUNTIME}: one with the same in it
     * @param jars a folder of the manager's modules, read when it is needed
     */
    record ConfigMaps(Optional<String> runtime, Path jars) implements Delivery {

        /**
         * @throws tp.spi.common.TpException where no image can have that name
         */
        public ConfigMaps {
            runtime.ifPresent(ManagerManifests::check);
        }

        String runtimeImage() {
            return runtime.orElse(USUAL_RUNTIME);
        }
    }

    /**
     * {@return the manager's objects as YAML, for {@code kubectl apply} and what works like it}
     *
     * @throws tp.spi.common.TpException where there is no code to deliver
     */
    default String yaml(Level level) {
        return switch (this) {
            case Image image -> ManagerManifests.yaml(Optional.of(image.name()), level);
            case ConfigMaps maps ->
                    JarDelivery.of(maps).yaml(ManagerManifests.yaml(Optional.empty(), level));
        };
    }
}
