package tp.tunnel;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A TCP flow of the manager, which may outlive the connection over which it was opened. On the
 * flow's event loop, but for {@link #claim}.
 */
final class KeptFlow {

    private final KeptFlows kept;
    private final KeptFlows.Name name;
    private final InetSocketAddress target;
    private final long window;
    private final Flow flow;
    private final AtomicBoolean claimed = new AtomicBoolean();

    /** Written on the flow's loop; a stream that it has left may ask on its own. */
    private volatile @Nullable ServerStream on;

    /** Of the session in which it was last. */
    private volatile @Nullable SessionGrant grant;

    private @Nullable Future<?> graceEnd;
    private boolean parked;

    /** What is to be kept of a flow that has just been dialed, on the stream that asked for it. */
    KeptFlow(
            KeptFlows kept,
            KeptFlows.Name name,
            InetSocketAddress target,
            long window,
            ServerStream first) {
        this.kept = kept;
        this.name = name;
        this.target = target;
        this.window = window;
        on = first;
        grant = first.connection().grant();
        flow = new Flow(way(first), window, this::ended);
    }

    private static Way way(ServerStream stream) {
        ServerConnection connection = stream.connection();
        return new Way(stream.stream(), connection.means(), connection.seat());
    }

    Flow flow() {
        return flow;
    }

    KeptFlows.Name name() {
        return name;
    }

    InetSocketAddress target() {
        return target;
    }

    /** {@return what the session was granted in which it was last} Any thread. */
    Optional<SessionGrant> grant() {
        return Optional.ofNullable(grant);
    }

    long window() {
        return window;
    }

    boolean isOn(ServerStream stream) {
        return stream.equals(on);
    }

    /** {@return whether the caller alone may take it to another stream now} Any thread. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void unclaim() {
        claimed.set(false);
    }

    /** Where the client has given it up while it was dialed, it ends at once. */
    void begun() {
        if (kept.isForsaken(name)) {
            flow.reset();
        }
    }

    /** The stream on which it is has gone. */
    void streamClosed() {
        ServerStream last = on;
        if (last == null) {
            return;
        }
        if (flow.isEnding() || last.connection().isLeaving() || !kept.keeps(name)) {
            flow.streamClosed();
        } else {
            leave();
            flow.park();
            park();
        }
    }

    private void leave() {
        ServerStream last = on;
        on = null;
        if (last != null) {
            last.left(window);
        }
    }

    /** Waits for a stream. */
    void park() {
        parked = true;
        graceEnd = kept.parked(this, flow.keptBytes(), this::drop);
    }

    /** Its time is over, or there is no room for it any more; any thread. */
    void drop() {
        flow.onLoop(
                () -> {
                    if (parked) {
                        kept.dropped();
                        flow.reset();
                    }
                });
    }

    /**
     * Takes it to another stream's event loop.
     *
     * @param then runs there
     */
    void leaveFor(EventLoop next, Runnable then) {
        ServerStream last = on;
        leave();
        unpark();
        if (last != null) {
            last.stream().close();
        }
        flow.moveTo(next, then);
    }

    /** Goes on over that stream. */
    void resume(ServerStream next, Message.Resume asked) {
        on = next;
        grant = next.connection().grant();
        kept.resumed();
        Way way = way(next);
        way.write(new Message.Dialed(DialOutcome.ESTABLISHED, flow.received(), flow.limit()));
        flow.resume(way, asked.receivedOffset(), asked.credit());
    }

    private void unpark() {
        if (parked) {
            parked = false;
            Future<?> end = graceEnd;
            if (end != null) {
                end.cancel(false);
            }
            kept.unparked(this);
        }
    }

    private void ended() {
        unpark();
        if (flow.isDone()) {
            kept.done(name, flow.received());
        }
        kept.remove(this);
        leave();
    }
}
