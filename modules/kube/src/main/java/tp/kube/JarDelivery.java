package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The manager's objects where its jars come in ConfigMaps: those of the manifests, before the
 * Deployment the ConfigMaps, and the Deployment so that its pod takes them.
 */
record JarDelivery(String runtimeImage, JarBundles code) {

    /** Marks the ConfigMaps, beside the label that all has. */
    static final String PART_KEY = "app.kubernetes.io/component";

    static final String PART = "code";

    private static final Pattern DEPLOYMENT = Pattern.compile("(?m)^kind: \"?Deployment\"?$");

    private static final String SEPARATOR = "\n---\n";

    /**
     * {@return the manager's objects to be applied, in that order, whichever way its code comes}
     */
    static List<HasMetadata> objects(Delivery delivery, Level level) {
        return switch (delivery) {
            case Delivery.Image image -> ManagerManifests.objects(Optional.of(image.name()), level);
            case Delivery.ConfigMaps maps ->
                    of(maps).objects(ManagerManifests.objects(Optional.empty(), level));
        };
    }

    static JarDelivery of(Delivery.ConfigMaps delivery) {
        return new JarDelivery(delivery.runtimeImage(), JarBundles.read(delivery.jars()));
    }

    List<HasMetadata> objects(List<HasMetadata> manifests) {
        return manifests.stream()
                .flatMap(
                        object ->
                                object instanceof Deployment deployment
                                        ? delivered(deployment)
                                        : Stream.of(object))
                .toList();
    }

    private Stream<HasMetadata> delivered(Deployment deployment) {
        String namespace = deployment.getMetadata().getNamespace();
        Stream<HasMetadata> maps =
                code.bundles().stream().map(bundle -> configMap(bundle, namespace));
        return Stream.concat(maps, Stream.of(new JarPod(runtimeImage, code).in(deployment)));
    }

    private static ConfigMap configMap(JarBundles.Bundle bundle, String namespace) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(bundle.name())
                .withNamespace(namespace)
                .addToLabels(ManagerObjects.LABEL_KEY, ManagerObjects.NAME)
                .addToLabels(PART_KEY, PART)
                .endMetadata()
                .withImmutable(true)
                .withBinaryData(bundle.pieces())
                .build();
    }

    /**
     * {@return the same as text} All but the Deployment stands there as it is written.
     *
     * @param manifests as YAML
     */
    String yaml(String manifests) {
        KubernetesSerialization serialization = new KubernetesSerialization();
        return "# Apply this by 'kubectl apply --server-side -f FILE'. A client-side apply would copy each"
                + " ConfigMap into an annotation, for which they are too large.\n"
                + Stream.of(manifests.split(SEPARATOR, -1))
                        .flatMap(
                                document ->
                                        DEPLOYMENT.matcher(document).find()
                                                ? delivered(
                                                                serialization.unmarshal(
                                                                        document, Deployment.class))
                                                        .map(serialization::asYaml)
                                                        .map(JarDelivery::document)
                                                : Stream.of(document))
                        .collect(Collectors.joining(SEPARATOR))
                + "\n";
    }

    /** Without the marks of a stream of documents. */
    private static String document(String yaml) {
        return yaml.replaceFirst("^---\n", "").stripTrailing();
    }
}
