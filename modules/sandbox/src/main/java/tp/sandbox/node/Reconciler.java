package tp.sandbox.node;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;

/**
 * Brings what is into line with what the store says, on a thread of its own, after every change of
 * the given types. It looks at everything each time: a change that was missed cannot last.
 */
final class Reconciler {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");

    /** Also how late what only depends on the time may be. */
    private static final long RESYNC_MS = 500;

    private static final long RETRY_MS = 100;

    private final Semaphore changes = new Semaphore(0);
    private final String name;
    private final Runnable work;

    private Reconciler(String name, Runnable work) {
        this.name = name;
        this.work = work;
    }

    static Reconciler start(
            String name, ObjectStore store, List<ResourceType> types, Runnable work) {
        Reconciler reconciler = new Reconciler(name, work);
        for (ResourceType type : types) {
            // The store keeps the watch for as long as the process lives.
            store.watch(type, event -> reconciler.changed());
        }
        Thread.ofVirtual().name(name).start(reconciler::loop);
        return reconciler;
    }

    /**
     * Looks at each object of a type that is there to stay. What the store refuses for one of them
     * does not keep the others from their turn.
     */
    static void each(ObjectStore store, ResourceType type, Consumer<ObjectNode> work) {
        @Nullable ApiException refused = null;
        for (ObjectNode object : store.list(type, "")) {
            if (!Json.isBeingDeleted(object)) {
                try {
                    work.accept(object);
                } catch (ApiException e) {
                    refused = e;
                }
            }
        }
        if (refused != null) {
            throw refused;
        }
    }

    private void changed() {
        changes.release();
    }

    private void loop() {
        try {
            while (true) {
                changes.tryAcquire(RESYNC_MS, TimeUnit.MILLISECONDS);
                changes.drainPermits();
                try {
                    work.run();
                } catch (RuntimeException e) {
                    // Mostly a conflict with a change that has just come in: look again.
                    LOG.log(System.Logger.Level.DEBUG, name + " tries again", e);
                    Thread.sleep(RETRY_MS);
                    changed();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
