package tp.daemon;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.connector.ConnectorEvents;
import tp.tunnel.Welcome;

/** Hands the manager's updates to the session on the host, one at a time, the latest at last. */
final class LiveUpdates implements ConnectorEvents {

    private static final System.Logger LOG = System.getLogger(LiveUpdates.class.getName());

    private final ReentrantLock applying = new ReentrantLock();

    /** Guarded by this, as is {@link #follower}. */
    private @Nullable Welcome latest;

    private @Nullable Consumer<Welcome> follower;

    /** Begins to hand on, with what came before. */
    synchronized void follow(Consumer<Welcome> action) {
        follower = action;
        if (latest != null) {
            begin();
        }
    }

    @Override
    public synchronized void granted(Welcome welcome) {
        latest = welcome;
        if (follower != null) {
            begin();
        }
    }

    @Override
    public void lost(String reason) {
        // The host stays as it is until the link is back.
    }

    private void begin() {
        Thread.ofVirtual().name("live-update").start(this::apply);
    }

    private synchronized @Nullable Welcome take() {
        Welcome taken = latest;
        latest = null;
        return taken;
    }

    private synchronized @Nullable Consumer<Welcome> follower() {
        return follower;
    }

    private void apply() {
        applying.lock();
        try {
            Welcome welcome = take();
            Consumer<Welcome> action = follower();
            if (welcome != null && action != null) {
                action.accept(welcome);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "an update of the session is not applied", e);
        } finally {
            applying.unlock();
        }
    }
}
