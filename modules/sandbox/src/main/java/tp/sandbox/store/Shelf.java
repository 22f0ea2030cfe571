package tp.sandbox.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The objects of one type and the last changes to them. Guarded by the store's lock. */
final class Shelf {

    /** Longer than any list that is followed by a watch takes; a watcher behind it starts anew. */
    static final int HISTORY = 1_024;

    /** ConfigMaps and Secrets have a megabyte each, and nobody wants a hundred that are gone. */
    static final long MOST_DATA_CHARACTERS = 8 << 20;

    private final ResourceType type;
    private final Condition changed;
    private final TreeMap<Key, ObjectNode> objects = new TreeMap<>();
    private final Deque<Change> history = new ArrayDeque<>();
    private long rememberedCharacters;
    private long forgottenVersion;

    Shelf(ResourceType type, Condition changed) {
        this.type = type;
        this.changed = changed;
    }

    ResourceType type() {
        return type;
    }

    @Nullable ObjectNode find(Key key) {
        return objects.get(key);
    }

    ObjectNode require(Key key) {
        ObjectNode object = objects.get(key);
        if (object == null) {
            throw ApiException.notFound(type, key.name());
        }
        return object;
    }

    /** {@return the objects of a namespace, of all where it is empty} */
    List<ObjectNode> list(String namespace) {
        if (namespace.isEmpty()) {
            return List.copyOf(objects.values());
        }
        return List.copyOf(
                objects.subMap(new Key(namespace, ""), new Key(namespace + "\0", "")).values());
    }

    void put(Key key, ObjectNode object, long version) {
        ObjectNode previous = objects.put(key, object);
        WatchEvent.Kind kind = previous == null ? WatchEvent.Kind.ADDED : WatchEvent.Kind.MODIFIED;
        remember(new Change(version, kind, object, previous));
    }

    void remove(Key key, ObjectNode last, long version) {
        ObjectNode previous = objects.remove(key);
        remember(new Change(version, WatchEvent.Kind.DELETED, last, previous));
    }

    private void remember(Change change) {
        history.addLast(change);
        rememberedCharacters += ConfigData.characters(change.object());
        while (history.size() > HISTORY
                || (rememberedCharacters > MOST_DATA_CHARACTERS && history.size() > 1)) {
            Change forgotten = history.removeFirst();
            rememberedCharacters -= ConfigData.characters(forgotten.object());
            forgottenVersion = forgotten.version();
        }
        changed.signalAll();
    }

    /**
     * {@return the changes after a version; none if there were none in this time}
     *
     * @throws ApiException 410 if some of them are forgotten
     */
    List<Change> changesAfter(long version, long timeoutNs) throws InterruptedException {
        long leftNs = timeoutNs;
        while (history.isEmpty() || history.getLast().version() <= version) {
            if (leftNs <= 0) {
                return List.of();
            }
            leftNs = changed.awaitNanos(leftNs);
        }
        if (version < forgottenVersion) {
            throw ApiException.expired(version, forgottenVersion);
        }
        List<Change> changes = new ArrayList<>();
        for (Change change : history) {
            if (change.version() > version) {
                changes.add(change);
            }
        }
        return changes;
    }
}
