package tp.sandbox.store;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why a request failed, in the words of Kubernetes ({@code meta/v1.Status}).
 *
 * @param reason one of the API's CamelCase words, empty where it has none
 */
public record Status(int code, String reason, String message, Details details) {

    /** What the failure is about; every field may be empty. */
    public record Details(String name, String group, String kind, String uid, List<Cause> causes) {

        public static final Details NONE = new Details("", "", "", "", List.of());

        static Details of(ResourceType type, String name) {
            return new Details(name, type.group(), type.plural(), "", List.of());
        }
    }

    /** One thing that is wrong with an object. */
    public record Cause(String reason, String field, String message) {

        public static Cause required(String field, String detail) {
            String message = "Required value" + (detail.isEmpty() ? "" : ": " + detail);
            return new Cause("FieldValueRequired", field, message);
        }

        public static Cause invalid(String field, String value, String detail) {
            return new Cause("FieldValueInvalid", field, "Invalid value: " + value + ": " + detail);
        }

        public static Cause unsupported(String field, String value, List<String> supported) {
            String known =
                    String.join(", ", supported.stream().map(word -> "\"" + word + "\"").toList());
            return new Cause(
                    "FieldValueNotSupported",
                    field,
                    "Unsupported value: \"" + value + "\": supported values: " + known);
        }

        public static Cause forbidden(String field, String detail) {
            return new Cause("FieldValueForbidden", field, "Forbidden: " + detail);
        }

        public static Cause tooLong(String field, long most) {
            return new Cause(
                    "FieldValueTooLong",
                    field,
                    "Too long: may not be more than " + most + " bytes");
        }

        public static Cause duplicate(String field, String value) {
            return new Cause("FieldValueDuplicate", field, "Duplicate value: " + value);
        }
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        json.put("status", "Failure").put("message", message);
        if (!reason.isEmpty()) {
            json.put("reason", reason);
        }
        if (!details.equals(Details.NONE)) {
            json.set("details", detailsJson());
        }
        return json.put("code", code);
    }

    private ObjectNode detailsJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        putUnlessEmpty(json, "name", details.name());
        putUnlessEmpty(json, "group", details.group());
        putUnlessEmpty(json, "kind", details.kind());
        putUnlessEmpty(json, "uid", details.uid());
        if (!details.causes().isEmpty()) {
            ArrayNode causes = json.putArray("causes");
            for (Cause cause : details.causes()) {
                ObjectNode one = causes.addObject();
                one.put("reason", cause.reason()).put("message", cause.message());
                putUnlessEmpty(one, "field", cause.field());
            }
        }
        return json;
    }

    private static void putUnlessEmpty(ObjectNode json, String name, String value) {
        if (!value.isEmpty()) {
            json.put(name, value);
        }
    }
}
