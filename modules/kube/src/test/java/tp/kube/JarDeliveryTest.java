package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;

/** The manager's jars as ConfigMaps, and the pod that puts them together. */
class JarDeliveryTest {

    private static final String RUNTIME = "registry.example/jre:25";

    private @TempDir Path folder;

    @Test
    void piecesInTheirOrderAreTheJarsAndNoConfigMapIsTooLarge() throws IOException {
        SortedMap<String, byte[]> contents = SmallJars.contents();
        contents.put("io.large.jar", random(2 * JarBundles.MOST_BYTES + 17));
        contents.put("io.exact.jar", random(JarBundles.MOST_BYTES));
        JarBundles code = JarBundles.of(contents);

        assertThat(code.bundles()).hasSizeBetween(4, 6);
        Map<String, byte[]> pieces = new HashMap<>();
        for (JarBundles.Bundle bundle : code.bundles()) {
            int bytes = 0;
            for (Map.Entry<String, String> piece : bundle.pieces().entrySet()) {
                byte[] content = Base64.getDecoder().decode(piece.getValue());
                assertThat(pieces.put(piece.getKey(), content)).isNull();
                bytes += content.length;
            }
            assertThat(bytes).isBetween(1, JarBundles.MOST_BYTES);
            assertThat(bundle.name()).matches("tp-manager-code-[0-9a-f]{20}");
        }
        for (JarBundles.Jar jar : code.jars()) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (String piece : jar.pieces()) {
                whole.write(pieces.get(piece));
            }
            assertThat(whole.toByteArray()).isEqualTo(contents.get(jar.name()));
        }
    }

    @Test
    void theSameJarsHaveTheSameNamesAndAChangedOneOfOursLeavesTheLibraries() {
        SortedMap<String, byte[]> contents = SmallJars.contents();
        List<String> names = names(JarBundles.of(contents));
        assertThat(names(JarBundles.of(SmallJars.contents()))).isEqualTo(names).hasSize(2);
        contents.put("tp.manager.jar", new byte[] {1});
        List<String> next = names(JarBundles.of(contents));

        assertThat(next.getFirst()).isEqualTo(names.getFirst());
        assertThat(next.getLast()).isNotEqualTo(names.getLast());
    }

    @Test
    void withoutJarsThereIsAWayOut() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        for (Path place : List.of(empty, folder.resolve("absent"))) {
            assertThatThrownBy(() -> JarDelivery.objects(delivery(place), Level.WHOLE_CLUSTER))
                    .isInstanceOfSatisfying(
                            TpException.class,
                            e -> assertThat(e.line()).contains("jars", "--image").hasLineCount(1));
        }
    }

    /** The text is for kubectl, and the objects are for us. */
    @Test
    void whatIsPrintedIsWhatIsApplied() throws IOException {
        SmallJars.write(folder);
        List<HasMetadata> objects = JarDelivery.objects(delivery(folder), Level.WHOLE_CLUSTER);
        String yaml = delivery(folder).yaml(Level.WHOLE_CLUSTER);

        assertThat(yaml).startsWith("# Apply this by 'kubectl apply --server-side").endsWith("\n");
        List<KubernetesResource> read = new KubernetesSerialization().unmarshal(yaml);
        assertThat(read).containsExactlyElementsOf(objects);
        int plain = ManagerManifests.objects(Optional.empty(), Level.WHOLE_CLUSTER).size();
        assertThat(objects).hasSize(plain + 2);
        assertThat(objects.getLast()).isInstanceOf(Deployment.class);
        assertThat(objects.subList(plain - 1, plain + 1))
                .allSatisfy(
                        object -> {
                            assertThat(object).isInstanceOf(ConfigMap.class);
                            assertThat(((ConfigMap) object).getImmutable()).isTrue();
                            assertThat(ManagerManifests.isOurs(object)).isTrue();
                        });
    }

    @Test
    void bothContainersAreAsRestrictedAsTheOneOfTheManifests() throws IOException {
        Container plain =
                pod(ManagerManifests.objects(Optional.empty(), Level.WHOLE_CLUSTER))
                        .getContainers()
                        .getFirst();
        PodSpec pod = pod();
        Container manager = pod.getContainers().getFirst();
        Container code = pod.getInitContainers().getFirst();

        assertThat(List.of(manager, code))
                .allSatisfy(
                        container -> {
                            assertThat(container.getImage()).isEqualTo(RUNTIME);
                            assertThat(container.getSecurityContext())
                                    .isEqualTo(plain.getSecurityContext());
                            assertThat(container.getResources().getRequests())
                                    .containsKeys("cpu", "memory");
                        });
        assertThat(manager.getReadinessProbe()).isEqualTo(plain.getReadinessProbe());
        assertThat(manager.getPorts()).isEqualTo(plain.getPorts());
        assertThat(manager.getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals("code"))
                .allMatch(mount -> mount.getReadOnly());
    }

    /** The init container's own script, run here with other folders. */
    @ParameterizedTest
    @ValueSource(strings = {"nothing", "a byte", "an end", "a piece", "the order", "more"})
    void whatIsNotWhatWasInstalledIsNamed(String changed) throws Exception {
        SortedMap<String, byte[]> contents = SmallJars.contents();
        contents.put("io.large.jar", random(JarBundles.MOST_BYTES + 17));
        JarBundles code = JarBundles.of(contents);
        Path pieces = Files.createDirectory(folder.resolve("pieces"));
        Path joined = Files.createDirectory(folder.resolve("code"));
        for (JarBundles.Bundle bundle : code.bundles()) {
            for (Map.Entry<String, String> piece : bundle.pieces().entrySet()) {
                byte[] content = Base64.getDecoder().decode(piece.getValue());
                Files.write(pieces.resolve(piece.getKey()), content);
            }
        }
        Path first = pieces.resolve("io.large.jar.0");
        Path last = pieces.resolve("io.large.jar.1");
        byte[] bytes = Files.readAllBytes(last);
        switch (changed) {
            case "a byte" -> {
                bytes[5] ^= 1;
                Files.write(last, bytes);
            }
            case "an end" -> Files.write(last, java.util.Arrays.copyOf(bytes, bytes.length - 1));
            case "a piece" -> Files.delete(last);
            case "the order" -> {
                Files.write(last, Files.readAllBytes(first));
                Files.write(first, bytes);
            }
            case "more" -> Files.write(last, java.util.Arrays.copyOf(bytes, bytes.length + 1));
            default -> {}
        }

        Process script = joining(code, pieces, joined);
        String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        if (changed.equals("nothing")) {
            assertThat(script.waitFor()).as(said).isZero();
            for (Map.Entry<String, byte[]> jar : contents.entrySet()) {
                assertThat(joined.resolve(jar.getKey())).hasBinaryContent(jar.getValue());
            }
            assertThat(said).isEmpty();
        } else {
            assertThat(script.waitFor()).isEqualTo(1);
            assertThat(said)
                    .isEqualTo(
                            JarPod.ANOTHER_CODE
                                    + (changed.equals("a piece")
                                            ? ": the piece io.large.jar.1 is missing\n"
                                            : ": io.large.jar has another SHA-256\n"));
        }
    }

    private Process joining(JarBundles code, Path pieces, Path joined) throws IOException {
        PodSpec pod =
                new JarPod(RUNTIME, code)
                        .in(
                                deployment(
                                        ManagerManifests.objects(
                                                Optional.empty(), Level.WHOLE_CLUSTER)))
                        .getSpec()
                        .getTemplate()
                        .getSpec();
        Container init = pod.getInitContainers().getFirst();
        List<String> line = new ArrayList<>();
        for (String word : init.getCommand()) {
            line.add(word.replace("/pieces/", pieces + "/").replace("/code/", joined + "/"));
        }
        line.addAll(init.getArgs());
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
    }

    private PodSpec pod() throws IOException {
        SmallJars.write(folder);
        return pod(JarDelivery.objects(delivery(folder), Level.WHOLE_CLUSTER));
    }

    private static PodSpec pod(List<HasMetadata> objects) {
        return deployment(objects).getSpec().getTemplate().getSpec();
    }

    private static Deployment deployment(List<HasMetadata> objects) {
        return objects.stream()
                .filter(Deployment.class::isInstance)
                .map(Deployment.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static Delivery delivery(Path jars) {
        return new Delivery.ConfigMaps(Optional.of(RUNTIME), jars);
    }

    private static List<String> names(JarBundles code) {
        return code.bundles().stream().map(JarBundles.Bundle::name).toList();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
