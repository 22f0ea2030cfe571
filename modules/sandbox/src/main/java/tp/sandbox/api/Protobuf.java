package tp.sandbox.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;

/**
 * Reads the few protobuf messages that {@code kubectl create} and {@code kubectl auth} send: a 415
 * does not make them fall back to JSON. The messages are described in {@code protobuf.txt}.
 */
final class Protobuf {

    static final String CONTENT_TYPE = "application/vnd.kubernetes.protobuf";

    private static final int MAGIC = 0x6b387300; // "k8s\0"
    private static final int MAX_DEPTH = 16;

    private static final Map<String, Map<Integer, Field>> MESSAGES = load();

    /** A field; its type ends in {@code *} if repeated, in {@code ?} if kept when zero. */
    private record Field(String name, String type, boolean repeated, boolean kept) {}

    private Protobuf() {}

    private static Map<String, Map<Integer, Field>> load() {
        try (InputStream in = Protobuf.class.getResourceAsStream("protobuf.txt")) {
            if (in == null) {
                throw new IllegalStateException("the messages are not in this module");
            }
            Map<String, Map<Integer, Field>> messages = new HashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> describe(line, messages));
            messages.put("Empty", Map.of());
            return Map.copyOf(messages);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void describe(String line, Map<String, Map<Integer, Field>> messages) {
        int name = line.indexOf(' ');
        Map<Integer, Field> fields = new HashMap<>();
        for (String field : line.substring(name + 1).split(", ", -1)) {
            String[] words = field.split(" ", -1);
            String type = words[2].replaceAll("[*?]", "");
            fields.put(
                    Integer.valueOf(words[0]),
                    new Field(words[1], type, words[2].endsWith("*"), words[2].endsWith("?")));
        }
        messages.put(line.substring(0, name), fields);
    }

    static ObjectNode decode(byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        try {
            if (bytes.remaining() < 4 || bytes.getInt() != MAGIC) {
                throw unreadable("it does not begin with the magic number");
            }
            return envelope(bytes);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw unreadable("it is cut short");
        }
    }

    /** {@code runtime.Unknown}: the type first, then the message. */
    private static ObjectNode envelope(ByteBuffer bytes) {
        String apiVersion = "";
        String kind = "";
        ByteBuffer raw = ByteBuffer.allocate(0);
        while (bytes.hasRemaining()) {
            long tag = varint(bytes);
            ByteBuffer content = content(bytes);
            if (tag >> 3 == 1) {
                while (content.hasRemaining()) {
                    long inner = varint(content) >> 3;
                    String text = text(content(content));
                    apiVersion = inner == 1 ? text : apiVersion;
                    kind = inner == 2 ? text : kind;
                }
            } else if (tag >> 3 == 2) {
                raw = content;
            }
        }
        if (kind.equals("DeleteOptions")) {
            return Meta.newObject();
        }
        if (!MESSAGES.containsKey(kind)) {
            throw unreadable("this server reads no " + kind + " as protobuf");
        }
        ObjectNode object = Meta.newObject().put("apiVersion", apiVersion).put("kind", kind);
        object.setAll(message(kind, raw, 0));
        return object;
    }

    private static ObjectNode message(String type, ByteBuffer bytes, int depth) {
        if (depth > MAX_DEPTH) {
            throw unreadable("it is nested too deeply");
        }
        Map<Integer, Field> fields = MESSAGES.getOrDefault(type, Map.of());
        ObjectNode result = Meta.newObject();
        while (bytes.hasRemaining()) {
            long tag = varint(bytes);
            int number = (int) (tag >> 3);
            boolean isVarint = (tag & 7) == 0;
            if (!isVarint && (tag & 7) != 2) {
                throw unreadable("it has a field of wire type " + (tag & 7));
            }
            long value = isVarint ? varint(bytes) : 0;
            ByteBuffer content = isVarint ? ByteBuffer.allocate(0) : content(bytes);
            Field field = fields.get(number);
            if (field != null) {
                put(result, field, value, content, depth);
            } else if (value != 0 || !isEmpty(content)) {
                throw unreadable("field %d of %s is unknown here".formatted(number, type));
            }
        }
        return result;
    }

    /** {@return whether a message says nothing: Go's encoder writes empty ones} */
    private static boolean isEmpty(ByteBuffer content) {
        ByteBuffer rest = content.duplicate();
        try {
            while (rest.hasRemaining()) {
                long tag = varint(rest);
                boolean isNothing =
                        switch ((int) (tag & 7)) {
                            case 0 -> varint(rest) == 0;
                            case 2 -> isEmpty(content(rest));
                            default -> false;
                        };
                if (!isNothing) {
                    return false;
                }
            }
            return true;
        } catch (BufferUnderflowException | IllegalArgumentException | ApiException e) {
            return false;
        }
    }

    private static void put(
            ObjectNode result, Field field, long value, ByteBuffer content, int depth) {
        if (field.type().endsWith("ap")) {
            entry(result.withObjectProperty(field.name()), field.type(), content);
            return;
        }
        JsonNode decoded = value(field, value, content, depth);
        boolean isZero =
                switch (field.type()) {
                    case "string" -> decoded.asString("").isEmpty();
                    case "int", "bool" -> value == 0;
                    default -> decoded.isEmpty() && decoded.isObject();
                };
        if (field.repeated()) {
            ArrayNode array = result.withArrayProperty(field.name());
            array.add(decoded);
        } else if (!isZero || field.kept()) {
            result.set(field.name(), decoded);
        }
    }

    private static JsonNode value(Field field, long value, ByteBuffer content, int depth) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (field.type()) {
            case "string" -> json.stringNode(text(content));
            case "int" -> json.numberNode(value);
            case "bool" -> json.booleanNode(value != 0);
            case "IntOrString" -> intOrString(content);
            default -> message(field.type(), content, depth + 1);
        };
    }

    /** {@return the number or the text; an empty object where it is the number 0} */
    private static JsonNode intOrString(ByteBuffer bytes) {
        long type = 0;
        long number = 0;
        String text = "";
        while (bytes.hasRemaining()) {
            switch ((int) varint(bytes)) {
                case 1 << 3 -> type = varint(bytes);
                case 2 << 3 -> number = varint(bytes);
                default -> text = text(content(bytes));
            }
        }
        if (type == 1) {
            return StringNode.valueOf(text);
        }
        return number == 0 ? Meta.newObject() : IntNode.valueOf((int) number);
    }

    private static void entry(ObjectNode map, String type, ByteBuffer bytes) {
        String key = "";
        @Nullable ByteBuffer value = null;
        while (bytes.hasRemaining()) {
            long number = varint(bytes) >> 3;
            ByteBuffer content = content(bytes);
            if (number == 1) {
                key = text(content);
            } else {
                value = content;
            }
        }
        ByteBuffer present = value == null ? ByteBuffer.allocate(0) : value;
        map.put(
                key,
                type.equals("bytesMap")
                        ? StandardCharsets.US_ASCII
                                .decode(Base64.getEncoder().encode(present))
                                .toString()
                        : text(present));
    }

    private static ByteBuffer content(ByteBuffer bytes) {
        long length = varint(bytes);
        if (length < 0 || length > bytes.remaining()) {
            throw unreadable("it is cut short");
        }
        ByteBuffer content = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return content;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw unreadable("a number is too long");
    }

    private static ApiException unreadable(String why) {
        return ApiException.plain(
                415,
                "UnsupportedMediaType",
                "the protobuf body of this request cannot be read: "
                        + why
                        + "; send JSON instead, for instance with kubectl apply -f");
    }
}
