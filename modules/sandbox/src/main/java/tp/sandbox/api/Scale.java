package tp.sandbox.api;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;

/** {@code autoscaling/v1.Scale}: how many replicas a workload has and should have. */
final class Scale {

    private Scale() {}

    static ObjectNode of(ObjectNode workload) {
        ObjectNode scale =
                Meta.newObject().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.putObject("metadata");
        for (String field :
                List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            metadata.set(field, workload.path("metadata").path(field));
        }
        scale.putObject("spec").put("replicas", workload.at("/spec/replicas").asInt(0));
        scale.putObject("status")
                .put("replicas", workload.at("/status/replicas").asInt(0))
                .put(
                        "selector",
                        Meta.strings(workload.at("/spec/selector/matchLabels")).entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .collect(Collectors.joining(",")));
        return scale;
    }

    static ObjectNode write(ObjectNode workload, ObjectNode scale) {
        workload.withObjectProperty("spec").put("replicas", scale.at("/spec/replicas").asInt(0));
        String version = Meta.resourceVersion(scale);
        if (!version.isEmpty()) {
            Meta.of(workload).put("resourceVersion", version);
        }
        return workload;
    }
}
