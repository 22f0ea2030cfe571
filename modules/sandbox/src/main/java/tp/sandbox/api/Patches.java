package tp.sandbox.api;

import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;

/** The changes that a PATCH may ask for, by content type. */
final class Patches {

    private Patches() {}

    static UnaryOperator<ObjectNode> of(Request request) {
        return switch (request.contentType()) {
            case "application/json-patch+json" -> {
                JsonNode patch = request.json();
                yield current -> object(JsonPatch.apply(current, patch));
            }
            case "application/merge-patch+json" -> {
                JsonNode patch = object(request.json());
                yield current -> object(MergePatch.apply(current, patch));
            }
            case "application/strategic-merge-patch+json" -> {
                ObjectNode patch = object(request.json());
                yield current -> StrategicMerge.apply(current, patch);
            }
            default ->
                    throw ApiException.plain(
                            415,
                            "UnsupportedMediaType",
                            "the body of the request was in an unknown format - accepted media"
                                    + " types include: application/json-patch+json,"
                                    + " application/merge-patch+json,"
                                    + " application/strategic-merge-patch+json,"
                                    + " application/apply-patch+yaml");
        };
    }

    static ObjectNode applied(Request request) {
        if (request.parameter("fieldManager").isEmpty()) {
            throw ApiException.badRequest(
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }
        return object(request.json());
    }

    private static ObjectNode object(JsonNode json) {
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw ApiException.badRequest("a patched object is no JSON object any more");
    }
}
