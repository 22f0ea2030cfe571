package tp.sandbox.api;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Status;

/** Who owns which field ({@code metadata.managedFields}), and server-side apply, which minds it. */
final class Ownership {

    private static final int MAX_MANAGERS = 30;

    /** Somebody who writes, and how. */
    record Manager(String name, String operation, String subresource) {

        private static Manager of(JsonNode entry) {
            return new Manager(
                    entry.path("manager").asString(""),
                    entry.path("operation").asString(""),
                    entry.path("subresource").asString(""));
        }

        String shown(String apiVersion) {
            String within =
                    subresource.isEmpty() ? "" : " with subresource \"" + subresource + "\"";
            String using = operation.equals("Update") ? " using " + apiVersion : "";
            return "\"" + name + "\"" + within + using;
        }
    }

    private final ResourceType type;
    private final Clock clock;
    private final Map<Manager, Set<List<String>>> owned = new LinkedHashMap<>();
    private final Map<Manager, Set<List<String>>> before = new LinkedHashMap<>();
    private final Map<Manager, String> times = new LinkedHashMap<>();

    private Ownership(ResourceType type, Clock clock, ObjectNode object) {
        this.type = type;
        this.clock = clock;
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            Set<List<String>> paths = new LinkedHashSet<>();
            FieldPaths.ofJson(entry.path("fieldsV1"), List.of(), paths);
            Manager manager = Manager.of(entry);
            if (!manager.name().isEmpty() && owned.size() < MAX_MANAGERS) {
                owned.put(manager, paths);
                before.put(manager, new LinkedHashSet<>(paths));
                times.put(manager, entry.path("time").asString(""));
            }
        }
    }

    /** Notes that somebody has changed an object by other means than apply. */
    static ObjectNode updated(
            ResourceType type, Clock clock, Manager manager, ObjectNode from, ObjectNode to) {
        Ownership ownership = new Ownership(type, clock, to);
        Map<List<String>, JsonNode> old = FieldPaths.of(from);
        Map<List<String>, JsonNode> now = FieldPaths.of(to);
        Set<List<String>> changed = new LinkedHashSet<>();
        now.forEach(
                (path, value) -> {
                    if (!value.equals(old.get(path))) {
                        changed.add(path);
                    }
                });
        ownership.owned.values().forEach(paths -> paths.removeAll(changed));
        ownership.owned.values().forEach(paths -> paths.retainAll(now.keySet()));
        if (!changed.isEmpty()) {
            ownership.owned.computeIfAbsent(manager, name -> new LinkedHashSet<>()).addAll(changed);
        }
        ownership.write(to);
        return to;
    }

    /**
     * Server-side apply.
     *
     * @param live changed and returned
     * @throws ApiException 409 if a field with another value belongs to somebody else
     */
    static ObjectNode applied(
            ResourceType type,
            Clock clock,
            Manager manager,
            boolean force,
            ObjectNode live,
            ObjectNode applied) {
        Ownership ownership = new Ownership(type, clock, live);
        Map<List<String>, JsonNode> values = FieldPaths.of(live);
        Map<List<String>, JsonNode> wanted = FieldPaths.of(applied);
        Map<Manager, Set<List<String>>> others = new LinkedHashMap<>(ownership.owned);
        Set<List<String>> mine = others.remove(manager);
        Map<Manager, List<List<String>>> conflicts = conflicts(others, values, wanted);
        if (!force && !conflicts.isEmpty()) {
            throw ownership.conflict(conflicts);
        }
        conflicts.forEach((other, paths) -> others.getOrDefault(other, Set.of()).removeAll(paths));
        ObjectNode merged = StrategicMerge.apply(live, applied.deepCopy());
        if (mine != null) {
            for (List<String> path : mine) {
                boolean isOthers = others.values().stream().anyMatch(set -> set.contains(path));
                if (!wanted.containsKey(path) && !isOthers) {
                    FieldPaths.remove(merged, path);
                }
            }
        }
        ownership.owned.put(manager, new LinkedHashSet<>(wanted.keySet()));
        ownership.write(merged);
        return merged;
    }

    private static Map<Manager, List<List<String>>> conflicts(
            Map<Manager, Set<List<String>>> others,
            Map<List<String>, JsonNode> values,
            Map<List<String>, JsonNode> wanted) {
        Map<Manager, List<List<String>>> conflicts = new LinkedHashMap<>();
        others.forEach(
                (other, paths) -> {
                    List<List<String>> clashing =
                            paths.stream()
                                    .filter(wanted::containsKey)
                                    .filter(path -> !same(wanted.get(path), values.get(path)))
                                    .toList();
                    if (!clashing.isEmpty()) {
                        conflicts.put(other, clashing);
                    }
                });
        return conflicts;
    }

    private static boolean same(
            @org.jspecify.annotations.Nullable JsonNode one,
            @org.jspecify.annotations.Nullable JsonNode other) {
        return one != null && one.equals(other);
    }

    private ApiException conflict(Map<Manager, List<List<String>>> conflicts) {
        List<Status.Cause> causes = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        int total = conflicts.values().stream().mapToInt(List::size).sum();
        conflicts.forEach(
                (manager, paths) -> {
                    String who = manager.shown(type.apiVersion());
                    for (List<String> path : paths) {
                        String field = FieldPaths.readable(path);
                        causes.add(
                                new Status.Cause(
                                        "FieldManagerConflict", field, "conflict with " + who));
                    }
                    texts.add(
                            total == 1
                                    ? "conflict with %s: %s"
                                            .formatted(who, FieldPaths.readable(paths.getFirst()))
                                    : "conflicts with %s:\n%s"
                                            .formatted(
                                                    who,
                                                    paths.stream()
                                                            .map(FieldPaths::readable)
                                                            .map(path -> "- " + path)
                                                            .collect(Collectors.joining("\n"))));
                });
        String message =
                "Apply failed with %d conflict%s: %s"
                        .formatted(
                                causes.size(),
                                causes.size() == 1 ? "" : "s",
                                String.join("\n", texts));
        return new ApiException(
                new Status(409, "Conflict", message, new Status.Details("", "", "", "", causes)));
    }

    private void write(ObjectNode object) {
        ArrayNode entries = Meta.of(object).putArray("managedFields");
        owned.forEach(
                (manager, paths) -> {
                    if (paths.isEmpty()) {
                        return;
                    }
                    boolean isNew = !paths.equals(before.get(manager));
                    ObjectNode entry =
                            entries.addObject()
                                    .put("manager", manager.name())
                                    .put("operation", manager.operation())
                                    .put("apiVersion", type.apiVersion())
                                    .put("time", isNew ? now() : times.getOrDefault(manager, now()))
                                    .put("fieldsType", "FieldsV1");
                    entry.set("fieldsV1", FieldPaths.toJson(paths));
                    if (!manager.subresource().isEmpty()) {
                        entry.put("subresource", manager.subresource());
                    }
                });
        if (entries.isEmpty()) {
            Meta.of(object).remove("managedFields");
        }
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
