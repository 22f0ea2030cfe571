package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** The workloads that every sandbox starts with. */
final class Samples {

    private final List<ObjectNode> objects;

    private Samples(List<ObjectNode> objects) {
        this.objects = objects;
    }

    static Samples load() {
        try (InputStream in = Samples.class.getResourceAsStream("samples.json")) {
            if (in == null) {
                throw new IllegalStateException("the samples are not in this module");
            }
            return new Samples(
                    Json.items(new JsonMapper().readTree(in), "/items").stream()
                            .map(item -> (ObjectNode) item)
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<ObjectNode> objects() {
        return objects;
    }

    void create(ObjectStore store) {
        for (ObjectNode object : objects) {
            store.create(type(object), object);
        }
    }

    /** {@return how many of the samples' pods are ready; all of them count} */
    static long readyPods(ObjectStore store) {
        return store.list(Resources.PODS, "").stream().filter(Pods::isReady).count();
    }

    long pods() {
        return Stream.of("Pod", "Deployment")
                .mapToLong(
                        kind ->
                                objects.stream()
                                        .filter(object -> Json.text(object, "/kind").equals(kind))
                                        .count())
                .sum();
    }

    private static ResourceType type(JsonNode object) {
        String kind = Json.text(object, "/kind");
        return Resources.ofKind(Json.text(object, "/apiVersion"), kind)
                .orElseThrow(() -> new IllegalStateException("no samples of kind " + kind));
    }
}
