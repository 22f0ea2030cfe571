package tp.sandbox.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields that objects have, and their types ({@code schema.txt}). Reads an object as a real API
 * server does: fields that nobody knows are dropped and told of, wrong types are refused.
 */
final class Schema {

    private static final Map<String, Map<String, String>> TYPES = load();

    /** Unknown fields, by the words of a strict decoder. */
    private final List<String> complaints = new ArrayList<>();

    private Schema() {}

    /** An object's field has the wrong type. */
    static final class WrongType extends RuntimeException {

        private static final long serialVersionUID = 1L;

        WrongType(String message) {
            super(message);
        }
    }

    private static Map<String, Map<String, String>> load() {
        try (InputStream in = Schema.class.getResourceAsStream("schema.txt")) {
            if (in == null) {
                throw new IllegalStateException("the schema is not in this module");
            }
            Map<String, Map<String, String>> types = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> describe(line, types));
            return types;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void describe(String line, Map<String, Map<String, String>> types) {
        int end = line.indexOf(' ');
        Map<String, String> fields = new LinkedHashMap<>();
        if (end > 0) {
            for (String field : line.substring(end + 1).split(", ", -1)) {
                int space = field.indexOf(' ');
                fields.put(field.substring(0, space), field.substring(space + 1));
            }
        }
        types.put(end < 0 ? line : line.substring(0, end), fields);
    }

    static Map<String, Map<String, String>> types() {
        return TYPES;
    }

    /**
     * Drops what nobody knows.
     *
     * @return what was dropped
     * @throws WrongType if a field has another type than it should
     */
    static List<String> clean(String kind, ObjectNode object) {
        Schema schema = new Schema();
        Map<String, String> fields = TYPES.get(kind);
        if (fields != null) {
            schema.object(kind, fields, object, new Path("", ""));
        }
        return List.copyOf(schema.complaints);
    }

    /**
     * Where a value is.
     *
     * @param exact with the places in lists: {@code spec.containers[0].image}
     * @param plain as Go's decoder writes it, without them
     */
    private record Path(String exact, String plain) {

        Path field(String name) {
            return exact.isEmpty()
                    ? new Path(name, name)
                    : new Path(exact + "." + name, plain + "." + name);
        }

        Path item(int index) {
            return new Path(exact + "[" + index + "]", plain);
        }
    }

    private void object(String type, Map<String, String> fields, ObjectNode object, Path at) {
        for (String name : List.copyOf(object.propertyNames())) {
            String fieldType = fields.get(name);
            Path path = at.field(name);
            JsonNode value = object.path(name);
            if (fieldType == null) {
                complaints.add("unknown field \"" + path.exact() + "\"");
                object.remove(name);
            } else if (value.isNull()) {
                object.remove(name);
            } else {
                JsonNode replaced = value(type, fieldType, value, path);
                if (replaced != null) {
                    object.set(name, replaced);
                }
            }
        }
    }

    /** {@return what stands for a value, null if it is right as it is} */
    private @Nullable JsonNode value(String owner, String type, JsonNode value, Path at) {
        if (type.endsWith("*")) {
            require(value.isArray(), owner, type, value, at);
            items(owner, type.substring(0, type.length() - 1), (ArrayNode) value, at);
            return null;
        }
        if (type.endsWith("{}")) {
            require(value.isObject(), owner, type, value, at);
            entries(owner, type.substring(0, type.length() - 2), (ObjectNode) value, at);
            return null;
        }
        switch (type) {
            case "any" -> {}
            case "string" -> require(value.isString(), owner, type, value, at);
            case "bool" -> require(value.isBoolean(), owner, type, value, at);
            case "int32" -> require(value.canConvertToInt(), owner, type, value, at);
            case "int64" -> require(value.canConvertToLong(), owner, type, value, at);
            case "double" -> require(value.isNumber(), owner, type, value, at);
            case "int-or-string" ->
                    require(value.isString() || value.isInt(), owner, type, value, at);
            case "quantity" -> {
                require(value.isString() || value.isNumber(), owner, type, value, at);
                return Json.MAPPER.getNodeFactory().stringNode(value.asString());
            }
            case "bytes" -> {
                require(value.isString(), owner, "[]uint8", value, at);
                base64(value.asString());
            }
            default -> {
                require(value.isObject(), owner, "v1." + type, value, at);
                object(type, TYPES.getOrDefault(type, Map.of()), (ObjectNode) value, at);
            }
        }
        return null;
    }

    private void items(String owner, String type, ArrayNode list, Path at) {
        for (int i = 0; i < list.size(); i++) {
            JsonNode replaced = value(owner, type, list.path(i), at.item(i));
            if (replaced != null) {
                list.set(i, replaced);
            }
        }
    }

    private void entries(String owner, String type, ObjectNode map, Path at) {
        for (String key : List.copyOf(map.propertyNames())) {
            if (map.path(key).isNull()) {
                map.put(key, "");
            }
            Path path = new Path(at.exact() + "." + key, at.plain());
            JsonNode replaced = value(owner, type, map.path(key), path);
            if (replaced != null) {
                map.set(key, replaced);
            }
        }
    }

    private static void base64(String text) {
        try {
            Base64.getDecoder().decode(text.replaceAll("[\r\n]", ""));
        } catch (IllegalArgumentException e) {
            int good = 0;
            while (good < text.length()
                    && text.substring(good, good + 1).matches("[A-Za-z0-9+/]")) {
                good++;
            }
            throw new WrongType("illegal base64 data at input byte " + good / 4 * 4);
        }
    }

    private static void require(
            boolean isRight, String owner, String type, JsonNode value, Path at) {
        if (!isRight) {
            String what =
                    value.isNumber() && type.startsWith("int")
                            ? "number " + value
                            : switch (value.getNodeType()) {
                                case STRING -> "string";
                                case NUMBER -> "number";
                                case BOOLEAN -> "bool";
                                case ARRAY -> "array";
                                default -> "object";
                            };
            throw new WrongType(
                    "json: cannot unmarshal %s into Go struct field %s.%s of type %s"
                            .formatted(what, owner, at.plain(), goType(type)));
        }
    }

    private static String goType(String type) {
        if (type.endsWith("*")) {
            return "[]" + goType(type.substring(0, type.length() - 1));
        }
        if (type.endsWith("{}")) {
            return "map[string]" + goType(type.substring(0, type.length() - 2));
        }
        return Optional.of(type).filter(TYPES::containsKey).map(name -> "v1." + name).orElse(type);
    }
}
