package tp.connector;

import java.util.Optional;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/** Knows whether the session that it listens to has ended. */
final class LinkListener implements SessionListener {

    /** Who is told. */
    interface Owner {
        /** On the session's event loop. */
        void updated(LinkListener listener, Welcome welcome);

        /** On a virtual thread of its own. */
        void doubtful(LinkListener listener, String reason);

        /** On a virtual thread of its own, each time the session says that it ended. */
        void lost(LinkListener listener, String reason);
    }

    private final Owner owner;

    private volatile Optional<String> ended = Optional.empty();

    LinkListener(Owner owner) {
        this.owner = owner;
    }

    /** {@return why the session ended, if it did} */
    Optional<String> ended() {
        return ended;
    }

    @Override
    public void updated(Welcome welcome) {
        owner.updated(this, welcome);
    }

    @Override
    public void doubtful(String reason) {
        Thread.ofVirtual().name("doubt").start(() -> owner.doubtful(this, reason));
    }

    @Override
    public void closed(String reason) {
        ended = Optional.of(reason);
        Thread.ofVirtual().name("reconnect").start(() -> owner.lost(this, reason));
    }
}
