package tp.connector;

import java.util.Optional;
import java.util.function.BiConsumer;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/** Knows whether the session that it listens to has ended. */
final class LinkListener implements SessionListener {

    private final BiConsumer<LinkListener, Welcome> updated;
    private final BiConsumer<LinkListener, String> lost;

    private volatile Optional<String> ended = Optional.empty();

    /**
     * @param updated told on the session's event loop
     * @param lost told on a virtual thread of its own, each time the session says that it ended
     */
    LinkListener(BiConsumer<LinkListener, Welcome> updated, BiConsumer<LinkListener, String> lost) {
        this.updated = updated;
        this.lost = lost;
    }

    /** {@return why the session ended, if it did} */
    Optional<String> ended() {
        return ended;
    }

    @Override
    public void updated(Welcome welcome) {
        updated.accept(this, welcome);
    }

    @Override
    public void closed(String reason) {
        ended = Optional.of(reason);
        Thread.ofVirtual().name("reconnect").start(() -> lost.accept(this, reason));
    }
}
