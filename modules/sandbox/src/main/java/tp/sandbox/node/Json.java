package tp.sandbox.node;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;

/** Short ways to read and write Kubernetes objects. Paths are JSON pointers (RFC 6901). */
final class Json {

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** {@return the text at a path, empty where there is none} */
    static String text(JsonNode node, String pointer) {
        return node.at(pointer).asString("");
    }

    static int number(JsonNode node, String pointer, int otherwise) {
        return node.at(pointer).asInt(otherwise);
    }

    static boolean flag(JsonNode node, String pointer) {
        return node.at(pointer).asBoolean(false);
    }

    static List<JsonNode> items(JsonNode node, String pointer) {
        JsonNode found = node.at(pointer);
        return found.isArray() ? found.valueStream().toList() : List.of();
    }

    static List<String> texts(JsonNode node, String pointer) {
        return items(node, pointer).stream().map(item -> item.asString("")).toList();
    }

    static Map<String, String> map(JsonNode node, String pointer) {
        Map<String, String> map = new LinkedHashMap<>();
        node.at(pointer)
                .properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asString("")));
        return map;
    }

    static String name(JsonNode object) {
        return text(object, "/metadata/name");
    }

    static String namespace(JsonNode object) {
        return text(object, "/metadata/namespace");
    }

    static String uid(JsonNode object) {
        return text(object, "/metadata/uid");
    }

    static boolean isBeingDeleted(JsonNode object) {
        return !text(object, "/metadata/deletionTimestamp").isEmpty();
    }

    /** {@return the time as Kubernetes writes it: RFC 3339, whole seconds} */
    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** {@return whether all of a selector's labels are among an object's} */
    static boolean matches(Map<String, String> selector, JsonNode object) {
        return map(object, "/metadata/labels").entrySet().containsAll(selector.entrySet());
    }

    static int count(List<ObjectNode> objects, Predicate<ObjectNode> which) {
        return (int) objects.stream().filter(which).count();
    }

    static ObjectNode condition(String type, boolean isTrue, String reason) {
        return condition(type, isTrue, reason, "");
    }

    static ObjectNode condition(String type, boolean isTrue, String reason, String message) {
        ObjectNode condition = object();
        condition.put("type", type).put("status", isTrue ? "True" : "False");
        if (!reason.isEmpty()) {
            condition.put("reason", reason);
        }
        if (!message.isEmpty()) {
            condition.put("message", message);
        }
        return condition;
    }

    /** {@return one of the conditions of a status} */
    static Optional<JsonNode> condition(JsonNode status, String type) {
        return items(status, "/conditions").stream()
                .filter(condition -> text(condition, "/type").equals(type))
                .findFirst();
    }

    static boolean isTrue(JsonNode status, String type) {
        return condition(status, type)
                .filter(condition -> text(condition, "/status").equals("True"))
                .isPresent();
    }

    /**
     * Puts conditions into a status; one that has not changed keeps the time of its last change.
     */
    static void conditions(ObjectNode status, JsonNode before, List<ObjectNode> conditions) {
        ArrayNode array = status.putArray("conditions");
        for (ObjectNode condition : conditions) {
            String since =
                    condition(before, text(condition, "/type"))
                            .filter(old -> text(old, "/status").equals(text(condition, "/status")))
                            .map(old -> text(old, "/lastTransitionTime"))
                            .orElse(now());
            array.add(condition.put("lastTransitionTime", since));
        }
    }

    /** {@return a new status that says which generation of the object it is about} */
    static ObjectNode status(JsonNode of) {
        return object().put("observedGeneration", of.at("/metadata/generation").asLong(1));
    }

    /** Writes a status unless it says nothing new. */
    static void writeStatus(
            ObjectStore store, ResourceType type, ObjectNode object, ObjectNode status) {
        if (!status.equals(object.path("status"))) {
            object.set("status", status);
            store.updateStatus(type, object);
        }
    }

    /** Names the controller that made an object. */
    static void own(ObjectNode metadata, JsonNode owner) {
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", text(owner, "/apiVersion"))
                .put("kind", text(owner, "/kind"))
                .put("name", name(owner))
                .put("uid", uid(owner))
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }

    static boolean isOwnedBy(JsonNode object, JsonNode owner) {
        return controllerUid(object).equals(uid(owner));
    }

    static String controllerUid(JsonNode object) {
        return items(object, "/metadata/ownerReferences").stream()
                .filter(reference -> flag(reference, "/controller"))
                .map(reference -> text(reference, "/uid"))
                .findFirst()
                .orElse("");
    }
}
