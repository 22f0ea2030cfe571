package tp.sandbox.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a ConfigMap or a Secret may hold, and what of it may change (ValidateConfigMap). */
final class ConfigData {

    /** MaxSecretSize: bytes of all values, as they are and not as base64. */
    static final int MOST_BYTES = 1 << 20;

    private ConfigData() {}

    /**
     * {@return what is wrong with it}
     *
     * @throws ApiException 400 where bytes cannot be read
     */
    static List<Status.Cause> causes(ResourceType type, ObjectNode object) {
        boolean isSecret = type.equals(Resources.SECRETS);
        List<Status.Cause> causes = new ArrayList<>();
        for (String key : object.path("binaryData").propertyNames()) {
            if (object.path("data").has(key)) {
                String field = "data[" + key + "]";
                causes.add(
                        Status.Cause.invalid(
                                field,
                                "\"" + key + "\"",
                                "duplicate of key present in binaryData"));
            }
        }
        long bytes =
                Stream.of("data", "binaryData")
                        .flatMap(
                                part ->
                                        object.path(part).properties().stream()
                                                .map(Map.Entry::getValue)
                                                .map(
                                                        value ->
                                                                isSecret
                                                                                || part.equals(
                                                                                        "binaryData")
                                                                        ? decoded(type, value)
                                                                        : text(value)))
                        .mapToLong(value -> value.length)
                        .sum();
        if (bytes > MOST_BYTES) {
            causes.add(Status.Cause.tooLong("[]", MOST_BYTES));
        }
        return causes;
    }

    /** {@return how much memory such an object takes, about} Next to nothing for any other. */
    static long characters(ObjectNode object) {
        return Stream.of("data", "binaryData")
                .flatMap(part -> object.path(part).valueStream())
                .mapToLong(value -> value.asString("").length())
                .sum();
    }

    private static byte[] text(JsonNode value) {
        return value.asString("").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] decoded(ResourceType type, JsonNode value) {
        try {
            return Base64.getMimeDecoder().decode(value.asString(""));
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(
                    "%1$s in version \"v1\" cannot be handled as a %1$s: illegal base64 data"
                            .formatted(type.kind()));
        }
    }

    /** {@return what of an immutable one would change} */
    static List<Status.Cause> changeCauses(ObjectNode current, ObjectNode edited) {
        if (!current.path("immutable").asBoolean(false)) {
            return List.of();
        }
        List<Status.Cause> causes = new ArrayList<>();
        if (!edited.path("immutable").asBoolean(false)) {
            causes.add(fixed("immutable"));
        }
        for (String part : List.of("data", "binaryData")) {
            if (!current.path(part).equals(edited.path(part))) {
                causes.add(fixed(part));
            }
        }
        return causes;
    }

    private static Status.Cause fixed(String field) {
        return Status.Cause.forbidden(field, "field is immutable when `immutable` is set");
    }
}
