package tp.sandbox.api;

import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;

/** JSON Patch (RFC 6902). */
final class JsonPatch {

    private static final int MAX_OPERATIONS = 10_000;

    private JsonPatch() {}

    static JsonNode apply(JsonNode target, JsonNode patch) {
        if (!patch.isArray() || patch.size() > MAX_OPERATIONS) {
            throw ApiException.badRequest("a JSON patch is an array of operations");
        }
        JsonNode result = target;
        for (JsonNode operation : patch) {
            result = apply(result, operation, pointer(operation, "path"));
        }
        return result;
    }

    private static JsonNode apply(JsonNode target, JsonNode operation, JsonPointer path) {
        String name = operation.path("op").asString("");
        return switch (name) {
            case "add" -> add(target, path, value(operation));
            case "remove" -> remove(target, path);
            case "replace" -> add(remove(target, path), path, value(operation));
            case "move" -> {
                JsonPointer from = pointer(operation, "from");
                JsonNode moved = require(target, from);
                yield add(remove(target, from), path, moved);
            }
            case "copy" ->
                    add(target, path, require(target, pointer(operation, "from")).deepCopy());
            case "test" -> {
                if (!target.at(path).equals(value(operation))) {
                    throw failed("testing value " + path + " failed");
                }
                yield target;
            }
            default -> throw failed("unexpected kind: " + name);
        };
    }

    private static JsonPointer pointer(JsonNode operation, String field) {
        String text = operation.path(field).asString("\0");
        try {
            return JsonPointer.compile(text);
        } catch (IllegalArgumentException e) {
            throw failed("\"" + field + "\" is no JSON pointer");
        }
    }

    private static JsonNode value(JsonNode operation) {
        JsonNode value = operation.get("value");
        if (value == null) {
            throw failed("the operation has no value");
        }
        return value.deepCopy();
    }

    private static JsonNode require(JsonNode target, JsonPointer path) {
        JsonNode value = target.at(path);
        if (value.isMissingNode()) {
            throw failed("path does not exist: " + path);
        }
        return value;
    }

    private static JsonNode add(JsonNode target, JsonPointer path, JsonNode value) {
        if (path.matches()) {
            return value;
        }
        JsonNode parent = require(target, path.head());
        String name = path.last().getMatchingProperty();
        switch (parent) {
            case ObjectNode object -> object.set(name, value);
            case ArrayNode array -> array.insert(index(array, name, array.size()), value);
            default -> throw failed("path does not exist: " + path);
        }
        return target;
    }

    private static JsonNode remove(JsonNode target, JsonPointer path) {
        require(target, path);
        if (path.matches()) {
            return target;
        }
        JsonNode parent = target.at(path.head());
        String name = path.last().getMatchingProperty();
        switch (parent) {
            case ObjectNode object -> object.remove(name);
            case ArrayNode array -> array.remove(index(array, name, array.size() - 1));
            default -> throw failed("path does not exist: " + path);
        }
        return target;
    }

    private static int index(ArrayNode array, String name, int max) {
        if (name.equals("-")) {
            return array.size();
        }
        try {
            int index = Integer.parseInt(name);
            if (index >= 0 && index <= max) {
                return index;
            }
        } catch (NumberFormatException e) {
            throw failed("\"" + name + "\" is no index");
        }
        throw failed("index out of bounds: " + name);
    }

    private static ApiException failed(String message) {
        return ApiException.plain(
                422,
                "Invalid",
                "the server rejected our request due to an error in our request: " + message);
    }
}
