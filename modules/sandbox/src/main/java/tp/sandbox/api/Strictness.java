package tp.sandbox.api;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Status;

/**
 * What becomes of fields that nobody knows: they are dropped; {@code fieldValidation} says whether
 * the request is refused, its author warned, or nothing said.
 */
final class Strictness {

    private static final List<String> WORDS = List.of("", "Ignore", "Strict", "Warn");

    private Strictness() {}

    /** Reads an object of a request as what it should be. */
    static void read(Exchange exchange, ResourceType type, ObjectNode object) {
        String start =
                "%s in version \"%s\" cannot be handled as a %s: "
                        .formatted(type.kind(), type.version(), type.kind());
        String word = word(exchange.request());
        try {
            List<String> complaints = Schema.clean(type.kind(), object);
            if (word.equals("Strict") && !complaints.isEmpty()) {
                throw ApiException.badRequest(start + strict(complaints));
            }
            if (!word.equals("Ignore")) {
                complaints.forEach(exchange::warn);
            }
        } catch (Schema.WrongType e) {
            throw ApiException.badRequest(start + String.valueOf(e.getMessage()));
        }
    }

    /** {@return a patch whose result is read in the same way} */
    static UnaryOperator<ObjectNode> patched(
            Exchange exchange, ResourceType type, UnaryOperator<ObjectNode> change) {
        String word = word(exchange.request());
        return current -> {
            ObjectNode result = change.apply(current);
            try {
                List<String> complaints = Schema.clean(type.kind(), result);
                if (word.equals("Strict") && !complaints.isEmpty()) {
                    throw invalid(exchange.request(), strict(complaints));
                }
                if (!word.equals("Ignore")) {
                    complaints.forEach(exchange::warn);
                }
            } catch (Schema.WrongType e) {
                throw invalid(exchange.request(), String.valueOf(e.getMessage()));
            }
            return result;
        };
    }

    /** Server-side apply knows fields by their schema, whatever the request says. */
    static void applied(ResourceType type, Target target, ObjectNode applied) {
        String why;
        try {
            List<String> complaints = Schema.clean(type.kind(), applied);
            if (complaints.isEmpty()) {
                return;
            }
            List<String> texts =
                    complaints.stream()
                            .map(one -> one.substring("unknown field \"".length()))
                            .map(one -> "." + one.substring(0, one.length() - 1))
                            .map(one -> one + ": field not declared in schema")
                            .toList();
            why =
                    texts.size() == 1
                            ? texts.getFirst()
                            : texts.stream()
                                    .map(one -> "\n  " + one)
                                    .collect(Collectors.joining("", "errors:", ""));
        } catch (Schema.WrongType e) {
            why = String.valueOf(e.getMessage());
        }
        throw ApiException.plain(
                500,
                "",
                "failed to create typed patch object (%s/%s; %s, Kind=%s): %s"
                        .formatted(
                                target.namespace(),
                                target.name(),
                                type.apiVersion(),
                                type.kind(),
                                why));
    }

    private static String strict(List<String> complaints) {
        return "strict decoding error: " + String.join(", ", complaints);
    }

    private static ApiException invalid(Request request, String why) {
        Status.Cause cause =
                Status.Cause.invalid(
                        "patch", '"' + request.json().toString().replace("\"", "\\\"") + '"', why);
        return new ApiException(
                new Status(
                        422,
                        "Invalid",
                        " \"\" is invalid: patch: " + cause.message(),
                        new Status.Details("", "", "", "", List.of(cause))));
    }

    private static String word(Request request) {
        String word = request.parameter("fieldValidation");
        if (!WORDS.contains(word)) {
            Status.Cause cause = Status.Cause.unsupported("fieldValidation", word, WORDS);
            throw new ApiException(
                    new Status(
                            422,
                            "Invalid",
                            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: "
                                    + cause.message(),
                            new Status.Details(
                                    "", "meta.k8s.io", "CreateOptions", "", List.of(cause))));
        }
        return word;
    }
}
