package tp.connector;

import java.util.Optional;
import java.util.function.BiConsumer;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/** Knows whether the session that it listens to has ended. */
final class LinkListener implements SessionListener {

    private final ConnectorEvents events;
    private final BiConsumer<LinkListener, String> lost;

    private volatile Optional<String> ended = Optional.empty();

    /**
     * @param lost told on a virtual thread of its own, each time the session says that it ended
     */
    LinkListener(ConnectorEvents events, BiConsumer<LinkListener, String> lost) {
        this.events = events;
        this.lost = lost;
    }

    /** {@return why the session ended, if it did} */
    Optional<String> ended() {
        return ended;
    }

    @Override
    public void updated(Welcome welcome) {
        events.granted(welcome);
    }

    @Override
    public void closed(String reason) {
        ended = Optional.of(reason);
        Thread.ofVirtual().name("reconnect").start(() -> lost.accept(this, reason));
    }
}
