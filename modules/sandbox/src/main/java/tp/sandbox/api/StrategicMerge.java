package tp.sandbox.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;

/** Strategic merge patch: lists of objects merge by key, and patches may hold directives. */
final class StrategicMerge {

    private static final String DIRECTIVE = "$patch";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
    private static final String ORDER = "$setElementOrder/";
    private static final String RETAIN = "$retainKeys";

    private StrategicMerge() {}

    static ObjectNode apply(ObjectNode target, ObjectNode patch) {
        if (patch.path(DIRECTIVE).asString("").equals("replace")) {
            return cleaned(patch);
        }
        if (patch.path(DIRECTIVE).asString("").equals("delete")) {
            return Meta.newObject();
        }
        retain(target, patch);
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            String field = change.getKey();
            if (!field.startsWith("$")) {
                merge(target, field, change.getValue());
            }
        }
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            String field = change.getKey();
            if (field.startsWith(DELETE_FROM)) {
                deleteFrom(target, field.substring(DELETE_FROM.length()), change.getValue());
            } else if (field.startsWith(ORDER)) {
                order(target, field.substring(ORDER.length()), change.getValue());
            }
        }
        return target;
    }

    private static void retain(ObjectNode target, ObjectNode patch) {
        if (patch.path(RETAIN).isArray()) {
            target.retain(patch.path(RETAIN).valueStream().map(key -> key.asString("")).toList());
        }
    }

    private static void merge(ObjectNode target, String field, JsonNode value) {
        JsonNode present = target.path(field);
        switch (value) {
            case ObjectNode object ->
                    target.set(
                            field,
                            present instanceof ObjectNode into
                                    ? apply(into, object)
                                    : cleaned(object));
            case ArrayNode list -> mergeList(target, field, list);
            default -> {
                if (value.isNull()) {
                    target.remove(field);
                } else {
                    target.set(field, value);
                }
            }
        }
    }

    private static void mergeList(ObjectNode target, String field, ArrayNode list) {
        boolean isReplacement =
                list.valueStream()
                        .anyMatch(item -> item.path(DIRECTIVE).asString("").equals("replace"));
        ArrayNode present = target.path(field) instanceof ArrayNode array ? array : array();
        if (MergeKeys.isSet(field)) {
            ArrayNode union = present.deepCopy();
            list.valueStream().filter(item -> !contains(union, item)).forEach(union::add);
            target.set(field, union);
            return;
        }
        String key = MergeKeys.key(field, list);
        if (isReplacement || key.isEmpty()) {
            target.set(field, withoutDirectives(list));
            return;
        }
        Map<String, ObjectNode> items = new LinkedHashMap<>();
        for (JsonNode item : present) {
            if (item instanceof ObjectNode object) {
                items.put(item.path(key).asString("") + discriminator(field, item), object);
            }
        }
        for (JsonNode item : list) {
            mergeItem(items, field, key, (ObjectNode) item);
        }
        ArrayNode merged = target.putArray(field);
        items.values().forEach(merged::add);
    }

    /** Ports of equal number and another protocol are two ports. */
    private static String discriminator(String field, JsonNode item) {
        return field.equals("ports") ? "/" + item.path("protocol").asString("TCP") : "";
    }

    private static void mergeItem(
            Map<String, ObjectNode> items, String field, String key, ObjectNode item) {
        if (!item.has(key)) {
            throw ApiException.badRequest(
                    "map: %s does not contain declared merge key: %s".formatted(item, key));
        }
        String id = item.path(key).asString("") + discriminator(field, item);
        if (item.path(DIRECTIVE).asString("").equals("delete")) {
            items.remove(id);
            return;
        }
        ObjectNode present = items.get(id);
        items.put(id, present == null ? cleaned(item) : apply(present, item));
    }

    private static void deleteFrom(ObjectNode target, String field, JsonNode values) {
        if (target.path(field) instanceof ArrayNode array) {
            ArrayNode left = array();
            array.valueStream().filter(item -> !contains(values, item)).forEach(left::add);
            target.set(field, left);
        }
    }

    /** Items that the order does not name keep their places behind those that it does. */
    private static void order(ObjectNode target, String field, JsonNode order) {
        if (!(target.path(field) instanceof ArrayNode array)) {
            return;
        }
        String key = MergeKeys.key(field, order);
        List<JsonNode> left = new ArrayList<>(array.valueStream().toList());
        ArrayNode ordered = array();
        for (JsonNode wanted : order) {
            left.stream()
                    .filter(
                            item ->
                                    key.isEmpty()
                                            ? item.equals(wanted)
                                            : item.path(key).equals(wanted.path(key)))
                    .findFirst()
                    .ifPresent(
                            item -> {
                                ordered.add(item);
                                left.remove(item);
                            });
        }
        ordered.addAll(left);
        target.set(field, ordered);
    }

    private static boolean contains(JsonNode list, JsonNode item) {
        return list.valueStream().anyMatch(item::equals);
    }

    /** {@return a copy of what a patch adds, without nulls and directives} */
    private static ObjectNode cleaned(ObjectNode added) {
        ObjectNode result = Meta.newObject();
        for (Map.Entry<String, JsonNode> entry : added.properties()) {
            if (entry.getKey().startsWith("$") || entry.getValue().isNull()) {
                continue;
            }
            switch (entry.getValue()) {
                case ObjectNode object -> result.set(entry.getKey(), cleaned(object));
                case ArrayNode list -> result.set(entry.getKey(), withoutDirectives(list));
                default -> result.set(entry.getKey(), entry.getValue());
            }
        }
        return result;
    }

    private static ArrayNode withoutDirectives(ArrayNode list) {
        ArrayNode result = array();
        for (JsonNode item : list) {
            if (item instanceof ObjectNode object) {
                if (!object.has(DIRECTIVE)) {
                    result.add(cleaned(object));
                }
            } else {
                result.add(item);
            }
        }
        return result;
    }

    private static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }
}
