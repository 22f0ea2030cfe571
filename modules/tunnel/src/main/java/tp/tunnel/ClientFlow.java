package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Protocol;
import tp.tunnel.Message.Resume;

/**
 * A dial, and the flow it becomes, which may outlive the session in which it was opened. On the
 * event loop of its session, but for the methods of {@link TcpFlow}.
 */
final class ClientFlow implements TcpFlow {

    private enum Phase {
        DIALING,
        OPEN,
        /** Without a stream. */
        PARKED,
        /** The manager is asked whether it goes on. */
        RESUMING
    }

    /** A link that is lost says so soon after its streams do. */
    private static final long LOSS_MS = 100;

    private final FlowKeep keep;
    private final InetSocketAddress target;
    private final DialListener listener;

    private volatile ClientSession session;
    private volatile Phase phase = Phase.DIALING;
    private long id;
    private long epoch;
    private @Nullable OnStream current;
    private volatile @Nullable Flow flow;
    private long window;
    private boolean told;
    private boolean cancelled;
    private boolean counted;

    ClientFlow(
            ClientSession session, FlowKeep keep, InetSocketAddress target, DialListener listener) {
        this.session = session;
        this.keep = keep;
        this.target = target;
        this.listener = listener;
    }

    /** {@return what names it at the manager, from its opening on} */
    long id() {
        return id;
    }

    void open() {
        if (cancelled) {
            return;
        }
        if (session.full()) {
            tell(DialOutcome.TUNNEL_DOWN);
            return;
        }
        OnStream first = new OnStream();
        current = first;
        session.openStream(first, channel -> opened(first, channel));
    }

    private void opened(OnStream on, Channel channel) {
        if (cancelled) {
            channel.close();
            return;
        }
        on.stream = channel;
        id = keep.nextId();
        epoch = session.welcome().epoch();
        window = session.budget().take();
        count();
        Way way = session.way(channel);
        flow = new Flow(way, window, this::over);
        keep.opened(this);
        way.writeAndFlush(new Open(id, Protocol.TCP, target, window));
    }

    // ---- to another session

    /** Any thread. */
    void goOnOver(ClientSession next) {
        onLoop(() -> leaveFor(next));
    }

    private void leaveFor(ClientSession next) {
        Flow moving = flow;
        if (moving == null || moving.isEnding() || (phase != Phase.OPEN && phase != Phase.PARKED)) {
            return;
        }
        OnStream left = current;
        current = null;
        uncount();
        if (next.welcome().epoch() != epoch) {
            gone(moving, FlowKeep.Loss.RESTARTED);
        } else {
            phase = Phase.RESUMING;
            moving.moveTo(
                    next.loop(),
                    () -> {
                        session = next;
                        resume(moving);
                    });
        }
        if (left != null) {
            left.close();
        }
    }

    private void resume(Flow moved) {
        if (moved.isOver()) {
            forsake();
            return;
        }
        if (session.full()) {
            park(moved, true);
            return;
        }
        OnStream on = new OnStream();
        current = on;
        session.openStream(
                on,
                channel -> {
                    on.stream = channel;
                    count();
                    MessageStream.writeAndFlush(
                            channel, new Resume(id, epoch, moved.received(), moved.limit()));
                });
    }

    private void park(Flow parked, boolean failed) {
        phase = Phase.PARKED;
        current = null;
        uncount();
        parked.park();
        keep.park(this, failed);
    }

    /** The manager has it no more. */
    private void gone(Flow lost, FlowKeep.Loss why) {
        phase = Phase.OPEN;
        keep.lost(why);
        lost.lost();
    }

    private void count() {
        counted = true;
        session.counters().openFlows.incrementAndGet();
        session.add(this);
        if (phase == Phase.RESUMING) {
            session.budget().take(window);
        }
    }

    private void uncount() {
        if (counted) {
            counted = false;
            session.counters().openFlows.decrementAndGet();
            session.remove(this);
            session.budget().giveBack(window);
        }
    }

    // ---- the stream

    /** One stream after the other. */
    private final class OnStream implements MessageStream.Receiver {

        private @Nullable Channel stream;
        private boolean ended;

        private boolean isCurrent() {
            return equals(current);
        }

        void close() {
            Channel channel = stream;
            if (channel != null) {
                channel.close();
            }
        }

        @Override
        public void received(Message message) {
            Flow mine = flow;
            Channel channel = stream;
            if (!isCurrent() || mine == null || channel == null) {
                MessageStream.release(message);
                return;
            }
            switch (phase) {
                case DIALING -> dialed(mine, message);
                case RESUMING -> resumed(mine, channel, message);
                case OPEN -> mine.received(message);
                case PARKED -> MessageStream.release(message);
            }
        }

        private void dialed(Flow mine, Message message) {
            if (!(message instanceof Dialed dialed)) {
                MessageStream.release(message);
                close();
            } else if (dialed.outcome() == DialOutcome.ESTABLISHED) {
                phase = Phase.OPEN;
                mine.credited(dialed.credit());
                tell(DialOutcome.ESTABLISHED);
            } else {
                tell(dialed.outcome());
                close();
            }
        }

        private void resumed(Flow mine, Channel channel, Message message) {
            if (message instanceof Dialed dialed && dialed.outcome() == DialOutcome.ESTABLISHED) {
                phase = Phase.OPEN;
                keep.resumed();
                mine.resume(session.way(channel), dialed.receivedOffset(), dialed.credit());
            } else {
                MessageStream.release(message);
                current = null;
                uncount();
                gone(mine, FlowKeep.Loss.NOT_KEPT);
                close();
            }
        }

        @Override
        public void receivedAll() {
            Flow mine = flow;
            if (isCurrent() && mine != null && phase == Phase.OPEN) {
                mine.receivedAll();
            }
        }

        @Override
        public void writabilityChanged() {
            Flow mine = flow;
            if (isCurrent() && mine != null) {
                mine.readMore();
            }
        }

        @Override
        public void ended() {
            ended = true;
        }

        @Override
        public void closed() {
            if (!isCurrent()) {
                return;
            }
            Flow mine = flow;
            if (mine == null || phase == Phase.DIALING) {
                current = null;
                forsakeDial(mine, ended);
                tell(DialOutcome.TUNNEL_DOWN);
            } else if (mine.isEnding() || session.isLeaving()) {
                current = null;
                mine.streamClosed();
                uncount();
                forsakeIfNotTold(mine, ended);
            } else {
                park(mine, phase == Phase.RESUMING);
            }
        }
    }

    /** The manager may have connected, and its answer may be lost. */
    private void forsakeDial(@Nullable Flow dialing, boolean ended) {
        if (dialing != null) {
            if (cancelled) {
                forsakeIfNotTold(dialing, ended);
            } else if (!told && !session.isLeaving()) {
                forsake();
            }
            dialing.streamClosed();
        }
        uncount();
    }

    /**
     * What was said of its end may not have come.
     *
     * @param ended whether the manager has ended the stream, or the loss of the link looks like it
     */
    private void forsakeIfNotTold(Flow over, boolean ended) {
        ClientSession last = session;
        if (over.isDone() || last.isLeaving()) {
            return;
        }
        if (phase == Phase.RESUMING || !ended) {
            forsake();
        } else {
            last.loop().schedule(() -> forsakeIfLost(last), LOSS_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void forsakeIfLost(ClientSession last) {
        if (last.isOver()) {
            forsake();
        }
    }

    private void forsake() {
        keep.forsake(new FlowKeep.Forsaken(id, epoch));
    }

    // ---- the application

    @Override
    public void attach(SocketChannel accepted) {
        onLoop(() -> attachNow(accepted));
    }

    private void attachNow(SocketChannel accepted) {
        Flow joined = flow;
        if (joined == null) {
            Flow.resetSocket(accepted);
        } else {
            joined.attach(accepted);
        }
    }

    @Override
    public void reset() {
        onLoop(this::resetNow);
    }

    private void resetNow() {
        cancelled = true;
        Flow ending = flow;
        OnStream on = current;
        if (ending != null) {
            ending.reset(); // the dial may have ended well at this moment
        } else if (on != null) {
            on.close();
        }
    }

    private void onLoop(Runnable task) {
        Flow made = flow;
        EventLoop dialing = session.loop();
        if (made != null) {
            made.onLoop(task);
        } else if (dialing.inEventLoop()) {
            task.run();
        } else {
            dialing.execute(() -> onLoop(task));
        }
    }

    @Override
    public FlowStatistics statistics() {
        FlowStatistics.State state =
                switch (phase) {
                    case DIALING -> FlowStatistics.State.DIALING;
                    case OPEN -> FlowStatistics.State.OPEN;
                    case PARKED, RESUMING -> FlowStatistics.State.WAITING;
                };
        Flow made = flow;
        return made == null ? new FlowStatistics(state, 0, 0, 0) : made.counts().snapshot(state);
    }

    private void tell(DialOutcome outcome) {
        if (!told) {
            told = true;
            if (!cancelled) {
                listener.dialed(outcome, this);
            }
        }
    }

    /** The flow has ended, by whatever. */
    private void over() {
        keep.ended(this);
        uncount();
        if (phase == Phase.PARKED) {
            forsake();
        }
    }
}
