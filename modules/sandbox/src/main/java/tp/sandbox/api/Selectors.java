package tp.sandbox.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;

/** Label and field selectors. */
final class Selectors {

    private static final Pattern SET =
            Pattern.compile("\\s*([^\\s=!,()]+)\\s+(in|notin)\\s*\\(([^()]*)\\)\\s*");
    private static final Pattern COMPARISON =
            Pattern.compile("\\s*([^\\s=!,()]+)\\s*(==|=|!=)\\s*([^\\s=!,()]*)\\s*");
    private static final Pattern EXISTENCE = Pattern.compile("\\s*(!?)\\s*([^\\s=!,()]+)\\s*");

    private static final Map<String, String> FIELDS =
            Map.of(
                    "metadata.name", "",
                    "metadata.namespace", "",
                    "spec.nodeName", "pods",
                    "spec.restartPolicy", "pods",
                    "spec.serviceAccountName", "pods",
                    "spec.schedulerName", "pods",
                    "status.phase", "pods namespaces",
                    "status.podIP", "pods",
                    "type", "secrets events",
                    "reason", "events");

    private Selectors() {}

    static Predicate<JsonNode> of(ResourceType type, Request request) {
        return labels(request.parameter("labelSelector"))
                .and(fields(type, request.parameter("fieldSelector")));
    }

    static Predicate<JsonNode> labels(String selector) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : split(selector)) {
            Predicate<Map<String, String>> one = requirement(requirement);
            all = all.and(object -> one.test(Meta.labels(object)));
        }
        return all;
    }

    private static Predicate<Map<String, String>> requirement(String text) {
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            String key = set.group(1);
            List<String> values =
                    List.of(set.group(3).split(",", -1)).stream().map(String::strip).toList();
            boolean isIn = set.group(2).equals("in");
            return labels -> {
                String value = labels.get(key);
                return isIn
                        ? value != null && values.contains(value)
                        : !values.contains(value == null ? "\0" : value);
            };
        }
        Matcher comparison = COMPARISON.matcher(text);
        if (comparison.matches()) {
            String key = comparison.group(1);
            String value = comparison.group(3);
            return comparison.group(2).equals("!=")
                    ? labels -> !value.equals(labels.get(key))
                    : labels -> value.equals(labels.get(key));
        }
        Matcher existence = EXISTENCE.matcher(text);
        if (existence.matches()) {
            String key = existence.group(2);
            boolean isWanted = existence.group(1).isEmpty();
            return labels -> labels.containsKey(key) == isWanted;
        }
        throw ApiException.badRequest(
                "unable to parse requirement: found '%s', expected: a label selector"
                        .formatted(text));
    }

    /** Splits at commas that are not inside parentheses. */
    private static List<String> split(String selector) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < selector.length(); i++) {
            switch (selector.charAt(i)) {
                case '(' -> depth++;
                case ')' -> depth--;
                case ',' -> {
                    if (depth == 0) {
                        parts.add(selector.substring(start, i));
                        start = i + 1;
                    }
                }
                default -> {}
            }
        }
        if (!selector.isBlank()) {
            parts.add(selector.substring(start));
        }
        return parts;
    }

    private static Predicate<JsonNode> fields(ResourceType type, String selector) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : split(selector)) {
            Matcher comparison = COMPARISON.matcher(requirement);
            if (!comparison.matches()) {
                throw ApiException.badRequest(
                        "invalid selector: '%s'; can't understand '%s'"
                                .formatted(selector, requirement));
            }
            String field = comparison.group(1);
            requireKnown(type, field);
            String pointer = "/" + field.replace('.', '/');
            String value = comparison.group(3);
            boolean isEqual = !comparison.group(2).equals("!=");
            all = all.and(object -> object.at(pointer).asString("").equals(value) == isEqual);
        }
        return all;
    }

    private static void requireKnown(ResourceType type, String field) {
        String types = FIELDS.get(field);
        boolean isOfEvent = type.plural().equals("events") && field.startsWith("involvedObject.");
        boolean isKnown =
                isOfEvent
                        || (types != null
                                && (types.isEmpty()
                                        || List.of(types.split(" ", -1)).contains(type.plural())));
        if (!isKnown) {
            throw ApiException.badRequest(
                    "Unable to find \"%s\" that match label selector \"\", field selector \"%s\": field label not supported: %s"
                            .formatted(type.plural(), field, field));
        }
    }
}
