package tp.sandbox.store;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How objects end: grace periods, finalizers, owners (what the garbage collector does), namespaces
 * with all that is in them. Guarded by the store's lock.
 */
final class Deletion {

    private static final String FOREGROUND = "foregroundDeletion";
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");
    private static final long DEFAULT_GRACE_S = 30;

    private record Place(Shelf shelf, Key key) {}

    private final Map<ResourceType, Shelf> shelves;
    private final Clock clock;
    private final LongSupplier nextVersion;
    private final Map<String, Place> places = new HashMap<>();

    Deletion(Map<ResourceType, Shelf> shelves, Clock clock, LongSupplier nextVersion) {
        this.shelves = shelves;
        this.clock = clock;
        this.nextVersion = nextVersion;
    }

    void requireOpenNamespace(ResourceType type, ObjectNode object) {
        if (!type.namespaced()) {
            return;
        }
        String name = Meta.namespace(object);
        ObjectNode namespace = shelf(Resources.NAMESPACES).require(new Key("", name));
        if (Meta.isBeingDeleted(namespace)) {
            throw ApiException.forbidden(
                    type,
                    Meta.name(object),
                    "unable to create new content in namespace %s because it is being terminated"
                            .formatted(name));
        }
    }

    /** An object whose owners are all gone already does not stay either. */
    void created(ResourceType type, ObjectNode object) {
        Place place = new Place(shelf(type), Key.of(type, object));
        places.put(Meta.uid(object), place);
        List<JsonNode> owners = Meta.owners(object);
        if (!owners.isEmpty() && owners.stream().allMatch(this::isKnownToBeGone)) {
            end(place, DeleteOptions.usual());
        }
    }

    private boolean isKnownToBeGone(JsonNode owner) {
        return Resources.ofKind(
                                owner.path("apiVersion").asString(""),
                                owner.path("kind").asString(""))
                        .isPresent()
                && !places.containsKey(owner.path("uid").asString(""));
    }

    /** The last finalizer may have been taken away. */
    void updated(ResourceType type, ObjectNode object) {
        finish(new Place(shelf(type), Key.of(type, object)));
    }

    ObjectStore.Deleted delete(ResourceType type, Key key, DeleteOptions options) {
        Place place = new Place(shelf(type), key);
        ObjectNode current = place.shelf().require(key);
        check(type, current, options);
        if (options.write() == Write.DRY_RUN) {
            return new ObjectStore.Deleted(current.deepCopy(), true);
        }
        end(place, options);
        ObjectNode left = place.shelf().find(key);
        return left == null
                ? new ObjectStore.Deleted(current.deepCopy(), true)
                : new ObjectStore.Deleted(left.deepCopy(), false);
    }

    private static void check(ResourceType type, ObjectNode current, DeleteOptions options) {
        String name = Meta.name(current);
        if (type.equals(Resources.NAMESPACES) && IMMORTAL.contains(name)) {
            throw ApiException.forbidden(type, name, "this namespace may not be deleted");
        }
        precondition(type, name, "UID", options.uid(), Meta.uid(current));
        precondition(
                type,
                name,
                "ResourceVersion",
                options.resourceVersion(),
                Meta.resourceVersion(current));
    }

    private static void precondition(
            ResourceType type, String name, String what, String wanted, String is) {
        if (!wanted.isEmpty() && !wanted.equals(is)) {
            throw ApiException.conflict(
                    type,
                    name,
                    "Precondition failed: %s in precondition: %s, %s in object meta: %s"
                            .formatted(what, wanted, what, is));
        }
    }

    private void end(Place place, DeleteOptions options) {
        ObjectNode current = place.shelf().find(place.key());
        if (current == null) {
            return;
        }
        ResourceType type = place.shelf().type();
        String uid = Meta.uid(current);
        if (options.propagation() == DeleteOptions.Propagation.ORPHAN) {
            dependents(uid).forEach(dependent -> disown(dependent, uid));
        }
        boolean waits =
                options.propagation() == DeleteOptions.Propagation.FOREGROUND
                        && !dependents(uid).isEmpty();
        mark(place, current, graceSeconds(type, current, options), waits);
        if (waits) {
            dependents(uid).forEach(dependent -> end(dependent, options));
        }
        if (type.equals(Resources.NAMESPACES)) {
            drain(place.key().name());
        }
        finish(place);
    }

    private static long graceSeconds(ResourceType type, ObjectNode current, DeleteOptions options) {
        if (!type.equals(Resources.PODS)) {
            return 0;
        }
        String phase = current.at("/status/phase").asString("");
        boolean hasNothingToEnd =
                current.at("/spec/nodeName").asString("").isEmpty()
                        || phase.equals("Succeeded")
                        || phase.equals("Failed");
        if (hasNothingToEnd) {
            return 0;
        }
        Long asked = options.gracePeriodSeconds();
        return asked != null
                ? asked
                : current.at("/spec/terminationGracePeriodSeconds").asLong(DEFAULT_GRACE_S);
    }

    /** A second deletion may shorten the grace period, never lengthen it. */
    private void mark(Place place, ObjectNode current, long graceS, boolean waits) {
        JsonNode present = current.path("metadata").path("deletionGracePeriodSeconds");
        boolean isShorter = !Meta.isBeingDeleted(current) || graceS < present.asLong(0);
        List<String> finalizers = new ArrayList<>(Meta.finalizers(current));
        boolean isNewWait = waits && !finalizers.contains(FOREGROUND);
        if (!isShorter && !isNewWait) {
            return;
        }
        ObjectNode marked = current.deepCopy();
        if (isShorter) {
            Instant end = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(graceS);
            Meta.of(marked).put("deletionTimestamp", end.toString());
            Meta.of(marked).put("deletionGracePeriodSeconds", graceS);
        }
        if (isNewWait) {
            finalizers.add(FOREGROUND);
            Meta.finalizers(marked, finalizers);
        }
        if (place.shelf().type().equals(Resources.NAMESPACES)) {
            marked.withObject("/status").put("phase", "Terminating");
        }
        // Nobody needs to see the marks of what goes in the same moment.
        if (isFinished(place, marked)) {
            remove(place, marked);
        } else {
            put(place, marked);
        }
    }

    private boolean isFinished(Place place, ObjectNode object) {
        JsonNode metadata = object.path("metadata");
        return metadata.hasNonNull("deletionTimestamp")
                && metadata.path("deletionGracePeriodSeconds").asLong(0) == 0
                && Meta.finalizers(object).isEmpty()
                && !(place.shelf().type().equals(Resources.NAMESPACES)
                        && hasContent(place.key().name()));
    }

    private void finish(Place place) {
        ObjectNode object = place.shelf().find(place.key());
        if (object != null && isFinished(place, object)) {
            remove(place, object);
        }
    }

    private void remove(Place place, ObjectNode object) {
        ObjectNode last = object.deepCopy();
        long version = nextVersion.getAsLong();
        Meta.of(last).put("resourceVersion", Long.toString(version));
        place.shelf().remove(place.key(), last, version);
        String uid = Meta.uid(last);
        places.remove(uid);
        for (Place dependent : dependents(uid)) {
            release(dependent, uid);
        }
        for (JsonNode owner : Meta.owners(last)) {
            Place waiting = places.get(owner.path("uid").asString(""));
            if (waiting != null) {
                endForeground(waiting);
            }
        }
        if (place.shelf().type().namespaced()) {
            finish(new Place(shelf(Resources.NAMESPACES), new Key("", place.key().namespace())));
        }
    }

    private void release(Place dependent, String ownerUid) {
        ObjectNode object = dependent.shelf().find(dependent.key());
        if (object == null) {
            return;
        }
        boolean hasAnother =
                Meta.owners(object).stream()
                        .map(owner -> owner.path("uid").asString(""))
                        .anyMatch(uid -> !uid.equals(ownerUid) && places.containsKey(uid));
        if (hasAnother) {
            disown(dependent, ownerUid);
        } else {
            end(dependent, DeleteOptions.usual());
        }
    }

    private void endForeground(Place owner) {
        ObjectNode object = owner.shelf().find(owner.key());
        if (object != null
                && Meta.finalizers(object).contains(FOREGROUND)
                && dependents(Meta.uid(object)).isEmpty()) {
            ObjectNode freed = object.deepCopy();
            List<String> left = new ArrayList<>(Meta.finalizers(freed));
            left.remove(FOREGROUND);
            Meta.finalizers(freed, left);
            put(owner, freed);
            finish(owner);
        }
    }

    private void disown(Place place, String uid) {
        ObjectNode object = place.shelf().find(place.key());
        if (object != null) {
            put(place, Meta.withoutOwner(object, uid));
        }
    }

    private List<Place> dependents(String uid) {
        List<Place> found = new ArrayList<>();
        for (Shelf shelf : shelves.values()) {
            for (ObjectNode object : shelf.list("")) {
                if (Meta.isOwnedBy(object, uid)) {
                    found.add(new Place(shelf, Key.of(shelf.type(), object)));
                }
            }
        }
        return found;
    }

    private void drain(String namespace) {
        for (Shelf shelf : shelves.values()) {
            if (shelf.type().namespaced()) {
                for (ObjectNode object : shelf.list(namespace)) {
                    end(new Place(shelf, Key.of(shelf.type(), object)), DeleteOptions.usual());
                }
            }
        }
    }

    private boolean hasContent(String namespace) {
        return shelves.values().stream()
                .filter(shelf -> shelf.type().namespaced())
                .anyMatch(shelf -> !shelf.list(namespace).isEmpty());
    }

    private void put(Place place, ObjectNode object) {
        long version = nextVersion.getAsLong();
        Meta.of(object).put("resourceVersion", Long.toString(version));
        place.shelf().put(place.key(), object, version);
    }

    private Shelf shelf(ResourceType type) {
        @Nullable Shelf shelf = shelves.get(type);
        if (shelf == null) {
            throw new IllegalArgumentException("no such type: " + type);
        }
        return shelf;
    }
}
