package tp.sandbox.api;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/**
 * {@code /openapi/v3}: as much as makes kubectl leave the validation of fields to the server, and
 * lets {@code kubectl explain} tell of them.
 */
final class OpenApi {

    private static final String REFERENCE = "#/components/schemas/";

    private OpenApi() {}

    static ObjectNode document(String group, String version) {
        ObjectNode json = Meta.newObject().put("openapi", "3.0.0");
        json.putObject("info").put("title", "Kubernetes").put("version", version);
        ObjectNode paths = json.putObject("paths");
        ObjectNode schemas = json.putObject("components").putObject("schemas");
        String root = group.isEmpty() ? "/api/v1/" : "/apis/" + group + "/v1/";
        for (ResourceType type : Resources.all()) {
            if (type.group().equals(group)) {
                String inside = type.namespaced() ? "namespaces/{namespace}/" : "";
                String collection = root + inside + type.plural();
                kind(paths.putObject(collection).putObject("get"), type);
                patch(paths.putObject(collection + "/{name}").putObject("patch"), type);
                schema(type, schemas);
            }
        }
        return json;
    }

    private static void patch(ObjectNode patch, ResourceType type) {
        ArrayNode parameters = patch.putArray("parameters");
        for (String name : List.of("dryRun", "fieldManager", "fieldValidation", "force")) {
            parameters
                    .addObject()
                    .put("name", name)
                    .put("in", "query")
                    .putObject("schema")
                    .put("type", name.equals("force") ? "boolean" : "string");
        }
        kind(patch, type);
    }

    private static void kind(ObjectNode operation, ResourceType type) {
        operation.putObject("responses").putObject("200").put("description", "OK");
        operation
                .putObject("x-kubernetes-group-version-kind")
                .put("group", type.group())
                .put("kind", type.kind())
                .put("version", "v1");
    }

    private static void schema(ResourceType type, ObjectNode schemas) {
        Set<String> needed = new TreeSet<>(Set.of(type.kind()));
        Set<String> done = new TreeSet<>();
        while (!needed.isEmpty()) {
            String name = needed.iterator().next();
            needed.remove(name);
            if (done.add(name)) {
                ObjectNode properties =
                        schemas.putObject(name).put("type", "object").putObject("properties");
                Schema.types()
                        .getOrDefault(name, Map.of())
                        .forEach((field, text) -> put(properties.putObject(field), text, needed));
            }
        }
        schemas.withObjectProperty(type.kind())
                .putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", type.group())
                .put("kind", type.kind())
                .put("version", "v1");
    }

    private static void put(ObjectNode json, String type, Set<String> needed) {
        if (type.endsWith("*")) {
            put(
                    json.put("type", "array").putObject("items"),
                    type.substring(0, type.length() - 1),
                    needed);
        } else if (type.endsWith("{}")) {
            put(
                    json.put("type", "object").putObject("additionalProperties"),
                    type.substring(0, type.length() - 2),
                    needed);
        } else {
            switch (type) {
                case "string", "quantity" -> json.put("type", "string");
                case "bytes" -> json.put("type", "string").put("format", "byte");
                case "bool" -> json.put("type", "boolean");
                case "int32", "int64" -> json.put("type", "integer").put("format", type);
                case "double" -> json.put("type", "number").put("format", type);
                case "int-or-string" -> json.put("type", "string").put("format", type);
                case "any" -> json.put("type", "object");
                default -> {
                    needed.add(type);
                    json.putArray("allOf").addObject().put("$ref", REFERENCE + type);
                }
            }
        }
    }
}
