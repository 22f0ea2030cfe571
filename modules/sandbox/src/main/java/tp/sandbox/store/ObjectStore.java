package tp.sandbox.store;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of the cluster. All methods may be called from any thread; what they return is the
 * caller's own copy unless they say otherwise.
 *
 * <p>Every write goes through {@link Admission}: objects are completed and checked as a real API
 * server does it, whoever writes them. Time is whole seconds, as in Kubernetes.
 */
public final class ObjectStore {

    private static final int NAME_TRIES = 8;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ResourceType, Shelf> shelves = new LinkedHashMap<>();
    private final Clock clock;
    private final Admission admission;
    private final Deletion deletion;
    private long version;

    public ObjectStore() {
        this(Clock.systemUTC());
    }

    public ObjectStore(Clock clock) {
        this.clock = clock;
        for (ResourceType type : Resources.all()) {
            shelves.put(type, new Shelf(type, lock.newCondition()));
        }
        this.admission = new Admission(this::shelf, clock);
        this.deletion = new Deletion(shelves, clock, () -> ++version);
        Bootstrap.fill(this);
    }

    public ObjectNode create(ResourceType type, ObjectNode object) {
        return create(type, object, Write.STORED);
    }

    public ObjectNode create(ResourceType type, ObjectNode object, Write write) {
        return locked(
                () -> {
                    ObjectNode made = admitted(type, object, write);
                    Key key = Key.of(type, made);
                    if (shelf(type).find(key) != null) {
                        throw ApiException.alreadyExists(type, key.name());
                    }
                    deletion.requireOpenNamespace(type, made);
                    ObjectNode metadata = Meta.of(made);
                    metadata.put("creationTimestamp", Admission.now(clock));
                    if (Admission.hasGeneration(type)) {
                        metadata.put("generation", 1);
                    }
                    if (write == Write.STORED) {
                        put(type, key, made);
                        deletion.created(type, made);
                    }
                    return made.deepCopy();
                });
    }

    /** A generated name that is taken is generated again, up to eight times (KEP-4420). */
    private ObjectNode admitted(ResourceType type, ObjectNode object, Write write) {
        ObjectNode made = object.deepCopy();
        admission.create(type, made, write);
        boolean isGenerated = Meta.name(object).isEmpty();
        for (int tries = 1; isGenerated && tries < NAME_TRIES; tries++) {
            if (shelf(type).find(Key.of(type, made)) == null) {
                return made;
            }
            made = object.deepCopy();
            admission.create(type, made, write);
        }
        return made;
    }

    /**
     * Replaces all but the status. A {@code resourceVersion} in the object must be the present one.
     */
    public ObjectNode update(ResourceType type, ObjectNode object) {
        return modify(type, object, Part.MAIN);
    }

    /** Replaces the status only. */
    public ObjectNode updateStatus(ResourceType type, ObjectNode object) {
        return modify(type, object, Part.STATUS);
    }

    private ObjectNode modify(ResourceType type, ObjectNode object, Part part) {
        return modify(
                type,
                Meta.namespace(object),
                Meta.name(object),
                new Edit(part, Write.STORED, current -> object.deepCopy()));
    }

    /** The part of an object that a write may touch. */
    public enum Part {
        MAIN,
        STATUS
    }

    /**
     * A change to an object.
     *
     * @param change gets a copy; runs under the store's lock, so it has to be quick and must not
     *     call the store
     */
    public record Edit(Part part, Write write, UnaryOperator<ObjectNode> change) {}

    /** Changes an object in one step: nobody else changes it in between. */
    public ObjectNode modify(ResourceType type, String namespace, String name, Edit edit) {
        return locked(
                () -> {
                    Key key = Key.of(type, namespace, name);
                    ObjectNode current = shelf(type).require(key);
                    ObjectNode edited = edit.change().apply(current.deepCopy());
                    checkPreconditions(type, current, edited);
                    keepWhatIsNotTheWriters(type, current, edited, edit.part());
                    admission.update(type, current, edited, edit.write());
                    if (current.equals(edited)) {
                        // No new version, so that it wakes nobody.
                        return current.deepCopy();
                    }
                    if (Admission.hasGeneration(type) && specDiffers(current, edited)) {
                        long generation = current.path("metadata").path("generation").asLong(0);
                        Meta.of(edited).put("generation", generation + 1);
                    }
                    if (edit.write() == Write.STORED) {
                        put(type, key, edited);
                        deletion.updated(type, edited);
                    }
                    return edited.deepCopy();
                });
    }

    private static void checkPreconditions(
            ResourceType type, ObjectNode current, ObjectNode edited) {
        String uid = Meta.uid(edited);
        if (!uid.isEmpty() && !uid.equals(Meta.uid(current))) {
            throw ApiException.conflict(
                    type,
                    Meta.name(current),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, Meta.uid(current)));
        }
        String resourceVersion = Meta.resourceVersion(edited);
        if (!resourceVersion.isEmpty() && !resourceVersion.equals(Meta.resourceVersion(current))) {
            throw ApiException.conflict(
                    type,
                    Meta.name(current),
                    "the object has been modified; please apply your changes to the latest version"
                            + " and try again");
        }
    }

    private static void keepWhatIsNotTheWriters(
            ResourceType type, ObjectNode current, ObjectNode edited, Part part) {
        switch (part) {
            case MAIN -> {
                if (type.hasStatus()) {
                    copy("status", current, edited);
                }
            }
            case STATUS -> {
                ObjectNode status = edited.deepCopy();
                edited.removeAll();
                edited.setAll(current.deepCopy());
                copy("status", status, edited);
            }
        }
        ObjectNode metadata = Meta.of(edited);
        for (String field :
                List.of(
                        "name",
                        "namespace",
                        "uid",
                        "creationTimestamp",
                        "deletionTimestamp",
                        "deletionGracePeriodSeconds",
                        "generation",
                        "generateName",
                        "resourceVersion")) {
            copy(field, Meta.of(current), metadata);
        }
        metadata.remove("selfLink");
        edited.put("apiVersion", type.apiVersion()).put("kind", type.kind());
    }

    private static void copy(String field, ObjectNode from, ObjectNode to) {
        if (from.has(field)) {
            to.set(field, from.path(field).deepCopy());
        } else {
            to.remove(field);
        }
    }

    private static boolean specDiffers(ObjectNode current, ObjectNode edited) {
        List<String> others = List.of("metadata", "status");
        return !current.deepCopy().remove(others).equals(edited.deepCopy().remove(others));
    }

    /** {@return the object, unless there is none} */
    public Optional<ObjectNode> get(ResourceType type, String namespace, String name) {
        return locked(
                () ->
                        Optional.ofNullable(shelf(type).find(Key.of(type, namespace, name)))
                                .map(ObjectNode::deepCopy));
    }

    /**
     * {@return the objects of a namespace by name}
     *
     * @param namespace empty for all
     */
    public List<ObjectNode> list(ResourceType type, String namespace) {
        return snapshot(type, namespace).objects().stream().map(ObjectNode::deepCopy).toList();
    }

    /**
     * What there was at one moment.
     *
     * @param objects shared, nobody may change them
     */
    public record Snapshot(long version, List<ObjectNode> objects) {}

    public Snapshot snapshot(ResourceType type, String namespace) {
        return locked(() -> new Snapshot(version, shelf(type).list(namespace)));
    }

    /** {@return the version of the last write} */
    public long version() {
        return locked(() -> version);
    }

    /**
     * Waits for changes to a type's objects.
     *
     * @return none if the time is over
     * @throws ApiException 410 if changes after that version are forgotten already
     */
    public List<Change> changesAfter(ResourceType type, long after, long timeoutNs)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            return shelf(type).changesAfter(after, timeoutNs);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells a consumer of all objects there are, then of all that happens to them, in order and in
     * one thread of its own, until closed. A consumer that is too slow is told of the present state
     * again, without what came and went meanwhile.
     */
    public AutoCloseable watch(ResourceType type, Consumer<WatchEvent> consumer) {
        return Watch.start(this, type, consumer);
    }

    /**
     * Deletes an object. A pod that is on a node is first given its grace period, and is gone when
     * the kubelet deletes it {@linkplain DeleteOptions#atOnce() at once}, or calls this again.
     */
    public void delete(ResourceType type, String namespace, String name) {
        boolean isEnding =
                get(type, namespace, name).filter(Meta::isBeingDeleted).isPresent()
                        && type.equals(Resources.PODS);
        delete(type, namespace, name, isEnding ? DeleteOptions.atOnce() : DeleteOptions.usual());
    }

    /**
     * What a deletion did.
     *
     * @param gone false while something has to happen first
     */
    public record Deleted(ObjectNode object, boolean gone) {}

    public Deleted delete(ResourceType type, String namespace, String name, DeleteOptions options) {
        return locked(() -> deletion.delete(type, Key.of(type, namespace, name), options));
    }

    private void put(ResourceType type, Key key, ObjectNode object) {
        long next = ++version;
        Meta.of(object).put("resourceVersion", Long.toString(next));
        shelf(type).put(key, object, next);
    }

    private Shelf shelf(ResourceType type) {
        @Nullable Shelf shelf = shelves.get(type);
        if (shelf == null) {
            throw new IllegalArgumentException("no such type: " + type);
        }
        return shelf;
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
