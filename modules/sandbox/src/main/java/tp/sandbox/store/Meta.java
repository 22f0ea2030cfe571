package tp.sandbox.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What every object has: its {@code metadata}. */
public final class Meta {

    private Meta() {}

    public static ObjectNode of(ObjectNode object) {
        JsonNode metadata = object.path("metadata");
        return metadata instanceof ObjectNode present ? present : object.putObject("metadata");
    }

    public static String name(JsonNode object) {
        return text(object, "name");
    }

    public static String namespace(JsonNode object) {
        return text(object, "namespace");
    }

    public static String uid(JsonNode object) {
        return text(object, "uid");
    }

    public static String resourceVersion(JsonNode object) {
        return text(object, "resourceVersion");
    }

    public static boolean isBeingDeleted(JsonNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    public static Map<String, String> labels(JsonNode object) {
        return strings(object.path("metadata").path("labels"));
    }

    public static Map<String, String> annotations(JsonNode object) {
        return strings(object.path("metadata").path("annotations"));
    }

    public static List<String> finalizers(JsonNode object) {
        return object.path("metadata")
                .path("finalizers")
                .valueStream()
                .map(item -> item.asString(""))
                .toList();
    }

    static void finalizers(ObjectNode object, List<String> finalizers) {
        if (finalizers.isEmpty()) {
            of(object).remove("finalizers");
            return;
        }
        ArrayNode array = of(object).putArray("finalizers");
        finalizers.forEach(array::add);
    }

    static List<JsonNode> owners(JsonNode object) {
        return object.path("metadata").path("ownerReferences").valueStream().toList();
    }

    static boolean isOwnedBy(JsonNode object, String uid) {
        return owners(object).stream().anyMatch(owner -> refersTo(owner, uid));
    }

    /** {@return a copy without the references to one owner} */
    static ObjectNode withoutOwner(ObjectNode object, String uid) {
        ObjectNode copy = object.deepCopy();
        List<JsonNode> left = new ArrayList<>(owners(copy));
        left.removeIf(owner -> refersTo(owner, uid));
        if (left.isEmpty()) {
            of(copy).remove("ownerReferences");
        } else {
            of(copy).putArray("ownerReferences").addAll(left);
        }
        return copy;
    }

    /** {@return an object's strings by their names} */
    public static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asString("")));
        return map;
    }

    public static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static boolean refersTo(JsonNode owner, String uid) {
        return owner.path("uid").asString("").equals(uid);
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path("metadata").path(field);
        return value.isString() ? value.asString() : "";
    }
}
