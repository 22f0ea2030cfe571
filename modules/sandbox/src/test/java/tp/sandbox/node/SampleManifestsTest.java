package tp.sandbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is for any cluster has nothing in it that only the sandbox knows. */
class SampleManifestsTest {

    private static final String IMAGE = "registry.example/java:25";

    private final List<JsonNode> objects =
            Arrays.stream(SampleManifests.yaml(IMAGE).split("---\n", -1))
                    .filter(text -> !text.isEmpty())
                    .map(text -> new JsonMapper().readTree(text))
                    .toList();

    @Test
    void everyContainerRunsThatImageWithACommandOfItsOwn() {
        assertThat(containers().toList())
                .hasSize(7)
                .allSatisfy(
                        one -> {
                            assertThat(Json.text(one, "/image")).isEqualTo(IMAGE);
                            assertThat(Json.text(one, "/command/0")).isIn("java", "sleep");
                        });
    }

    @Test
    void theCodeOfEachNamespaceIsInItsConfigMap() {
        for (JsonNode object : objects) {
            JsonNode pod = object.at("/spec/template/spec");
            if (pod.isMissingNode()) {
                continue;
            }
            Set<String> keys = new TreeSet<>();
            Set<String> paths = new TreeSet<>();
            for (JsonNode item : pod.at("/volumes/0/configMap/items")) {
                keys.add(Json.text(item, "/key"));
                paths.add(Json.text(item, "/path"));
            }

            assertThat(paths).contains(mainClass(pod) + ".class");
            assertThat(keys).hasSameSizeAs(paths).allMatch(key -> key.matches("[-._a-zA-Z0-9]+"));
            assertThat(code(Json.text(object, "/metadata/namespace"))).isEqualTo(keys);
        }
    }

    @Test
    void nothingIsOfTheClusterItself() {
        assertThat(objects)
                .noneMatch(one -> Json.text(one, "/kind").equals("Node"))
                .noneMatch(one -> Json.text(one, "/metadata/namespace").equals("kube-system"));
    }

    private static String mainClass(JsonNode pod) {
        return pod.at("/containers/0/command")
                .valueStream()
                .map(JsonNode::asString)
                .filter(word -> word.startsWith("tp.sandbox.sample."))
                .findFirst()
                .orElseThrow()
                .replace('.', '/');
    }

    private Set<String> code(String namespace) {
        return objects.stream()
                .filter(one -> Json.text(one, "/kind").equals("ConfigMap"))
                .filter(one -> Json.text(one, "/metadata/namespace").equals(namespace))
                .findFirst()
                .map(one -> (Set<String>) new TreeSet<>(one.get("binaryData").propertyNames()))
                .orElseThrow();
    }

    private Stream<JsonNode> containers() {
        return objects.stream()
                .flatMap(
                        one ->
                                Stream.concat(
                                        one.at("/spec/containers").valueStream(),
                                        one.at("/spec/template/spec/containers").valueStream()));
    }
}
