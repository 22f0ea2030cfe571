package tp.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** The manager's objects: one text, which is printed as it stands, and applied as it is read. */
public final class ManagerManifests {

    /** What the build calls its image. No registry has it. */
    static final String USUAL_IMAGE = "tp.dev/manager:0.1.0";

    private static final String IMAGE_LINE = "image: " + USUAL_IMAGE + "\n";

    /** The OCI's distribution-spec: a registry and a path, then a tag, a digest, or both. */
    private static final Pattern REFERENCE =
            Pattern.compile(
                    "[a-zA-Z0-9][\\w.-]*(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*"
                            + "(:\\w[\\w.-]{0,127})?(@[a-z0-9]{1,16}:[0-9a-f]{32,128})?");

    private ManagerManifests() {}

    /**
     * {@return the objects as YAML, for {@code kubectl apply} and what works like it}
     *
     * @param image of the manager; empty: the one that the build makes
     * @throws TpException where nothing can be pulled by that name
     */
    public static String yaml(Optional<String> image, Level level) {
        return switch (level) {
            case Level.WholeCluster ignored -> yaml(image);
            case Level.Namespaces some ->
                    yaml(
                            "tp's manager for "
                                    + String.join(", ", some.names())
                                    + ", with Roles only: docs/rbac.md",
                            objects(image, level));
        };
    }

    /** {@return the objects as YAML, with one line of comment before them} */
    static String yaml(String comment, List<HasMetadata> objects) {
        KubernetesSerialization serialization = new KubernetesSerialization();
        return "# "
                + comment
                + "\n"
                + objects.stream()
                        .map(serialization::asYaml)
                        .map(String::stripTrailing)
                        .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String yaml(Optional<String> image) {
        image.ifPresent(ManagerManifests::check);
        try (InputStream in = ManagerManifests.class.getResourceAsStream("manager.yaml")) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!text.contains(IMAGE_LINE)) {
                throw new TpException(Category.BUG, "the manager's manifests are missing", "");
            }
            return image.map(name -> text.replace(IMAGE_LINE, "image: \"" + name + "\"\n"))
                    .orElse(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By kinds that the file names, so that every kind there is has to be known. */
    static List<HasMetadata> objects(Optional<String> image, Level level) {
        List<KubernetesResource> read = new KubernetesSerialization().unmarshal(yaml(image));
        List<HasMetadata> objects = read.stream().map(HasMetadata.class::cast).toList();
        return switch (level) {
            case Level.WholeCluster ignored -> objects;
            case Level.Namespaces some -> RolesOnly.of(objects, some);
        };
    }

    static String name(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return object.getKind()
                + " "
                + object.getMetadata().getName()
                + (namespace == null || namespace.equals(ManagerObjects.NAMESPACE)
                        ? ""
                        : " in " + namespace);
    }

    /** {@return whether an install made it, as its label says} */
    static boolean isOurs(HasMetadata object) {
        return object.getMetadata().getLabels() != null
                && ManagerObjects.NAME.equals(
                        object.getMetadata().getLabels().get(ManagerObjects.LABEL_KEY));
    }

    static void check(String image) {
        if (!REFERENCE.matcher(image).matches()) {
            throw TpException.usage(
                    "no image can be called '" + Failures.oneLine(image) + "'",
                    "give a name such as registry.example/tp-manager:0.1.0");
        }
    }
}
