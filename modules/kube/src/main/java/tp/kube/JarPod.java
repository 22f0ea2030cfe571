package tp.kube;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A pod that puts the manager's jars together before it runs them. The hashes that it compares them
 * with are in its own spec: who may write ConfigMaps but no Deployment cannot change what runs. It
 * copies first and looks at the copy, which nobody else can change, and the manager runs from that.
 */
record JarPod(String runtimeImage, JarBundles code) {

    /** What to do where the code is another one. */
    static final String NEXT = "remove it all by 'tp uninstall', then run 'tp install'";

    /** What the init container says where it is; see {@code join-jars.sh}. */
    static final String ANOTHER_CODE = "the manager's code is not what was installed";

    /** The init container, and the volume of the jars. */
    static final String CODE = "code";

    private static final String PIECES = "pieces";
    private static final String CODE_PLACE = "/code";
    private static final String PIECES_PLACE = "/pieces";

    /** As {@code bin/tp} and the image have them. */
    private static final List<String> MANAGER =
            List.of(
                    "java",
                    "--illegal-native-access=allow",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "-Xmx128m",
                    "--module-path",
                    CODE_PLACE,
                    "--module",
                    "tp.manager/tp.manager.Main");

    /** {@return whether the Deployment is one that this made} */
    static boolean isIn(Deployment deployment) {
        return deployment.getSpec() != null
                && deployment.getSpec().getTemplate().getSpec().getInitContainers().stream()
                        .anyMatch(container -> container.getName().equals(CODE));
    }

    Deployment in(Deployment deployment) {
        Container manager = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
        return new DeploymentBuilder(deployment)
                .editSpec()
                .editTemplate()
                .editSpec()
                .addToInitContainers(joining(manager))
                .withContainers(running(manager))
                .addToVolumes(pieces(), joined())
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private Container joining(Container manager) {
        return new ContainerBuilder()
                .withName(CODE)
                .withImage(runtimeImage)
                .withImagePullPolicy(manager.getImagePullPolicy())
                .withCommand("sh", "-c", script(), "join-jars")
                .withArgs(code.jars().stream().map(JarPod::told).toList())
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewResources()
                .addToRequests("cpu", new Quantity("50m"))
                .addToRequests("memory", new Quantity("32Mi"))
                .addToLimits("memory", new Quantity("128Mi"))
                .endResources()
                .withSecurityContext(manager.getSecurityContext())
                .addNewVolumeMount()
                .withName(PIECES)
                .withMountPath(PIECES_PLACE)
                .withReadOnly(true)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName(CODE)
                .withMountPath(CODE_PLACE)
                .endVolumeMount()
                .build();
    }

    private static String told(JarBundles.Jar jar) {
        return jar.sha256() + " " + jar.name() + " " + String.join(" ", jar.pieces());
    }

    private Container running(Container manager) {
        return new ContainerBuilder(manager)
                .withImage(runtimeImage)
                .withCommand(MANAGER)
                .addNewVolumeMount()
                .withName(CODE)
                .withMountPath(CODE_PLACE)
                .withReadOnly(true)
                .endVolumeMount()
                .build();
    }

    /**
     * All ConfigMaps as one folder. A ConfigMap that is missing leaves its pieces out: then the
     * init container says which, where a pod that waits for a volume says so in an event only.
     */
    private Volume pieces() {
        List<VolumeProjection> sources =
                code.bundles().stream()
                        .map(
                                bundle ->
                                        new VolumeProjectionBuilder()
                                                .withNewConfigMap()
                                                .withName(bundle.name())
                                                .withOptional(true)
                                                .endConfigMap()
                                                .build())
                        .toList();
        return new VolumeBuilder()
                .withName(PIECES)
                .withNewProjected()
                .withSources(sources)
                .endProjected()
                .build();
    }

    private static Volume joined() {
        return new VolumeBuilder()
                .withName(CODE)
                .withNewEmptyDir()
                .withSizeLimit(new Quantity("32Mi"))
                .endEmptyDir()
                .build();
    }

    private static String script() {
        try (InputStream in = JarPod.class.getResourceAsStream("join-jars.sh")) {
            if (in == null) {
                throw new IllegalStateException("join-jars.sh is not in this module");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
