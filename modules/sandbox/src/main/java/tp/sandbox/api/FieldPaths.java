package tp.sandbox.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;

/**
 * The fields of an object by their paths, as {@code managedFields} writes them: {@code f:name} a
 * field, {@code k:{...}} an item of a list with merge keys, {@code v:...} an item of a set, {@code
 * .} the item itself.
 */
final class FieldPaths {

    static final String ITSELF = ".";

    /** Nobody's fields: they belong to the server. */
    private static final Set<String> OF_THE_SERVER =
            Set.of(
                    "name",
                    "namespace",
                    "uid",
                    "resourceVersion",
                    "generation",
                    "creationTimestamp",
                    "generateName",
                    "managedFields",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                    "selfLink");

    /** Maps that have one owner as a whole. */
    private static final Set<String> ATOMIC = Set.of("selector", "nodeSelector", "roleRef");

    private FieldPaths() {}

    /** {@return an object's values by their paths} */
    static Map<List<String>, JsonNode> of(ObjectNode object) {
        Map<List<String>, JsonNode> leaves = new LinkedHashMap<>();
        ObjectNode rest = object.deepCopy();
        rest.remove(List.of("apiVersion", "kind"));
        if (rest.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(OF_THE_SERVER);
        }
        fields(List.of(), rest, leaves);
        return leaves;
    }

    private static void fields(
            List<String> path, ObjectNode object, Map<List<String>, JsonNode> leaves) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            List<String> below = plus(path, "f:" + entry.getKey());
            JsonNode value = entry.getValue();
            switch (value) {
                case ObjectNode child -> {
                    if (child.isEmpty() || ATOMIC.contains(entry.getKey())) {
                        leaves.put(below, child);
                    } else {
                        fields(below, child, leaves);
                    }
                }
                case ArrayNode list -> items(below, entry.getKey(), list, leaves);
                default -> {
                    if (!value.isNull()) {
                        leaves.put(below, value);
                    }
                }
            }
        }
    }

    private static void items(
            List<String> path, String field, ArrayNode list, Map<List<String>, JsonNode> leaves) {
        String key = MergeKeys.key(field, list);
        if (MergeKeys.isSet(field)) {
            list.forEach(item -> leaves.put(plus(path, "v:" + item), item));
        } else if (key.isEmpty() || list.isEmpty()) {
            leaves.put(path, list);
        } else {
            for (JsonNode item : list) {
                List<String> below = plus(path, "k:" + identity(key, item));
                leaves.put(plus(below, ITSELF), Meta.newObject());
                fields(below, (ObjectNode) item, leaves);
            }
        }
    }

    private static ObjectNode identity(String key, JsonNode item) {
        ObjectNode identity = Meta.newObject();
        identity.set(key, item.path(key));
        if (key.equals("containerPort") || key.equals("port")) {
            identity.put("protocol", item.path("protocol").asString("TCP"));
        }
        return identity;
    }

    private static List<String> plus(List<String> path, String element) {
        List<String> longer = new ArrayList<>(path);
        longer.add(element);
        return List.copyOf(longer);
    }

    /** Takes the field at a path out of an object. */
    static void remove(ObjectNode object, List<String> path) {
        JsonNode parent = object;
        for (int i = 0; i < path.size(); i++) {
            String element = path.get(i);
            boolean isLast =
                    i == path.size() - 1 || (i == path.size() - 2 && path.getLast().equals(ITSELF));
            String rest = element.substring(Math.min(2, element.length()));
            if (parent instanceof ObjectNode map && element.startsWith("f:")) {
                if (isLast) {
                    map.remove(rest);
                    return;
                }
                parent = map.path(rest);
            } else if (parent instanceof ArrayNode list) {
                int index = index(list, element, rest);
                if (index < 0) {
                    return;
                }
                if (isLast) {
                    list.remove(index);
                    return;
                }
                parent = list.path(index);
            } else {
                return;
            }
        }
    }

    private static int index(ArrayNode list, String element, String rest) {
        JsonNode wanted = Json.MAPPER.readTree(rest);
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.path(i);
            boolean matches =
                    element.startsWith("v:")
                            ? item.equals(wanted)
                            : wanted.properties().stream()
                                    .allMatch(
                                            entry ->
                                                    item.path(entry.getKey())
                                                                    .equals(entry.getValue())
                                                            || (entry.getKey().equals("protocol")
                                                                    && !item.has("protocol")));
            if (matches) {
                return i;
            }
        }
        return -1;
    }

    /** {@return paths as {@code fieldsV1}} */
    static ObjectNode toJson(Set<List<String>> paths) {
        ObjectNode root = Meta.newObject();
        Map<String, List<String>> sorted = new TreeMap<>();
        paths.forEach(path -> sorted.put(String.join("\0", path), path));
        for (List<String> path : sorted.values()) {
            ObjectNode node = root;
            for (String element : path) {
                node = node.withObjectProperty(element);
            }
        }
        return root;
    }

    /** Collects the paths that a manager's entry names. */
    static void ofJson(JsonNode fields, List<String> path, Set<List<String>> paths) {
        if (fields.isEmpty()) {
            if (!path.isEmpty()) {
                paths.add(path);
            }
            return;
        }
        fields.properties()
                .forEach(entry -> ofJson(entry.getValue(), plus(path, entry.getKey()), paths));
    }

    /** {@return a path as people write it: {@code .spec.containers[name="c"].image}} */
    static String readable(List<String> path) {
        StringBuilder text = new StringBuilder();
        for (String element : path) {
            if (element.startsWith("f:")) {
                text.append('.').append(element, 2, element.length());
            } else if (element.startsWith("k:")) {
                List<String> keys =
                        Json.MAPPER.readTree(element.substring(2)).properties().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .toList();
                text.append('[').append(String.join(",", keys)).append(']');
            } else if (element.startsWith("v:")) {
                text.append('[').append(element, 2, element.length()).append(']');
            }
        }
        return text.toString();
    }
}
