package tp.sandbox.node;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A short name for each pod template, the same whatever the order of its fields. */
final class Templates {

    /** Kubernetes' own: no vowels, so that no words come out. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private Templates() {}

    static String hash(JsonNode template) {
        CRC32 crc = new CRC32();
        crc.update(sorted(template).toString().getBytes(StandardCharsets.UTF_8));
        StringBuilder hash = new StringBuilder();
        for (char digit : Long.toString(crc.getValue()).toCharArray()) {
            hash.append(ALPHABET.charAt(digit % ALPHABET.length()));
        }
        return hash.toString();
    }

    private static JsonNode sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
            ObjectNode copy = Json.object();
            fields.forEach((name, value) -> copy.set(name, sorted(value)));
            return copy;
        }
        if (node.isArray()) {
            ArrayNode copy = Json.array();
            node.valueStream().forEach(item -> copy.add(sorted(item)));
            return copy;
        }
        return node;
    }
}
