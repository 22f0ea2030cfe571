package tp.sandbox.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** A watch inside this process. */
final class Watch implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");
    private static final long WAIT_NS = TimeUnit.HOURS.toNanos(1);

    private final ObjectStore store;
    private final ResourceType type;
    private final Consumer<WatchEvent> consumer;
    private final Thread thread;

    /** What the consumer has been told of: needed when changes were missed. */
    private final Map<Key, ObjectNode> told = new LinkedHashMap<>();

    private Watch(ObjectStore store, ResourceType type, Consumer<WatchEvent> consumer) {
        this.store = store;
        this.type = type;
        this.consumer = consumer;
        this.thread = Thread.ofVirtual().name("watch " + type.plural()).unstarted(this::run);
    }

    static Watch start(ObjectStore store, ResourceType type, Consumer<WatchEvent> consumer) {
        Watch watch = new Watch(store, type, consumer);
        watch.thread.start();
        return watch;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                follow(synchronise());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long synchronise() {
        ObjectStore.Snapshot snapshot = store.snapshot(type, "");
        Map<Key, ObjectNode> gone = new LinkedHashMap<>(told);
        for (ObjectNode object : snapshot.objects()) {
            ObjectNode before = gone.remove(Key.of(type, object));
            if (before == null) {
                tell(WatchEvent.Kind.ADDED, object);
            } else if (!before.equals(object)) {
                tell(WatchEvent.Kind.MODIFIED, object);
            }
        }
        gone.values().forEach(object -> tell(WatchEvent.Kind.DELETED, object));
        return snapshot.version();
    }

    private void follow(long from) throws InterruptedException {
        long version = from;
        while (true) {
            List<Change> changes;
            try {
                changes = store.changesAfter(type, version, WAIT_NS);
            } catch (ApiException e) {
                LOG.log(System.Logger.Level.DEBUG, "a watcher is slow: " + type.plural(), e);
                return;
            }
            for (Change change : changes) {
                tell(change.kind(), change.object());
                version = change.version();
            }
        }
    }

    private void tell(WatchEvent.Kind kind, ObjectNode object) {
        Key key = Key.of(type, object);
        switch (kind) {
            case ADDED, MODIFIED -> told.put(key, object);
            case DELETED -> told.remove(key);
        }
        try {
            consumer.accept(new WatchEvent(kind, object.deepCopy()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a watcher of " + type.plural() + " failed", e);
        }
    }
}
