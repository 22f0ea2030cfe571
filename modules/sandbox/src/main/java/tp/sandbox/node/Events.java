package tp.sandbox.node;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;
import tp.sandbox.store.Write;

/**
 * Tells people what happened to an object, as {@code kubectl describe} shows it. What happens again
 * is counted; of each component the oldest events are dropped where there are too many.
 */
final class Events {

    private static final int MAX = 500;

    private record Place(String namespace, String name) {}

    private final ObjectStore store;
    private final String component;
    private final Map<String, Place> known = new LinkedHashMap<>();

    /**
     * @param component who tells
     */
    Events(ObjectStore store, String component) {
        this.store = store;
        this.component = component;
    }

    void normal(JsonNode object, String reason, String message) {
        add("Normal", reference(object), reason, message);
    }

    void warning(JsonNode object, String reason, String message) {
        add("Warning", reference(object), reason, message);
    }

    /**
     * About a part of an object.
     *
     * @param field for example {@code spec.containers{main}}
     */
    void about(JsonNode object, String field, Telling telling) {
        ObjectNode reference = reference(object);
        reference.put("fieldPath", field);
        add(
                telling.isWarning() ? "Warning" : "Normal",
                reference,
                telling.reason(),
                telling.message());
    }

    record Telling(boolean isWarning, String reason, String message) {}

    private static ObjectNode reference(JsonNode object) {
        return Json.object()
                .put("apiVersion", Json.text(object, "/apiVersion"))
                .put("kind", Json.text(object, "/kind"))
                .put("name", Json.name(object))
                .put("namespace", Json.namespace(object))
                .put("uid", Json.uid(object));
    }

    private synchronized void add(String type, ObjectNode about, String reason, String message) {
        String key = String.join("\n", type, about.toString(), reason, message);
        Place place = known.get(key);
        try {
            if (place == null || !countAgain(place)) {
                known.put(key, create(type, about, reason, message));
                dropOldest();
            }
        } catch (ApiException e) {
            // A namespace that is being deleted takes no new objects: nobody will ask there.
            System.getLogger("tp.sandbox").log(System.Logger.Level.DEBUG, message, e);
        }
    }

    private boolean countAgain(Place place) {
        if (store.get(Resources.EVENTS, place.namespace(), place.name()).isEmpty()) {
            return false;
        }
        store.modify(
                Resources.EVENTS,
                place.namespace(),
                place.name(),
                new ObjectStore.Edit(
                        ObjectStore.Part.MAIN,
                        Write.STORED,
                        event ->
                                event.put("count", Json.number(event, "/count", 1) + 1)
                                        .put("lastTimestamp", Json.now())));
        return true;
    }

    private Place create(String type, ObjectNode about, String reason, String message) {
        String in = Json.text(about, "/namespace");
        Place place =
                new Place(
                        in.isEmpty() ? "default" : in,
                        Json.text(about, "/name")
                                + "."
                                + UUID.randomUUID().toString().replace("-", "").substring(0, 16));
        String now = Json.now();
        ObjectNode event = Json.object().put("apiVersion", "v1").put("kind", "Event");
        event.putObject("metadata").put("name", place.name()).put("namespace", place.namespace());
        event.set("involvedObject", about);
        event.put("reason", reason).put("message", message).put("type", type).put("count", 1);
        event.putObject("source").put("component", component);
        event.put("firstTimestamp", now).put("lastTimestamp", now);
        event.put("reportingComponent", component).put("reportingInstance", "");
        store.create(Resources.EVENTS, event);
        return place;
    }

    private void dropOldest() {
        Iterator<Place> oldest = known.values().iterator();
        while (known.size() > MAX) {
            Place place = oldest.next();
            oldest.remove();
            if (store.get(Resources.EVENTS, place.namespace(), place.name()).isPresent()) {
                store.delete(Resources.EVENTS, place.namespace(), place.name());
            }
        }
    }
}
