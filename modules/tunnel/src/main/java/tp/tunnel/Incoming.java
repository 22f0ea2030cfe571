package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Credit;

/**
 * What has come for the socket of a flow: on its way there, and what is said of it to the far end.
 * On the flow's event loop.
 */
final class Incoming {

    /** The flow. */
    interface Owner {

        /** Runs it on the flow's event loop, which may have become another one. */
        void onLoop(Runnable task);

        /** More is in the kernel than before, and maybe all. */
        void delivered();

        /** The socket takes nothing any more. */
        void socketFailed();

        /** What came had no place in the client's memory, and is gone. */
        void noPlace();
    }

    private static final int ACK_THRESHOLD_BYTES = 32 * 1024;

    private final FlowState state;
    private final FlowCounts counts;
    private final FlowMemory memory;
    private final Owner owner;
    private final Runnable lateAck;

    /** Received before there was a socket. Bounded by the window. */
    private final Deque<ByteBuf> early = new ArrayDeque<>();

    private @Nullable Way way;
    private @Nullable SocketChannel socket;
    private boolean finDelivered;
    private boolean ackOwed;
    private long held;

    Incoming(FlowState state, FlowCounts counts, FlowMemory memory, Owner owner) {
        this.state = state;
        this.counts = counts;
        this.memory = memory;
        this.owner = owner;
        lateAck = () -> owner.onLoop(this::acknowledgeLate);
    }

    void begin(Way from) {
        way = from;
    }

    /**
     * Goes on over another link. What the kernel took since the far end was told of the limit is
     * said now: where it took all, nothing else would remind of it.
     */
    void resume(Way from) {
        begin(from);
        giveCredit();
    }

    /** The link is lost or left: what is owed is said over the next one. */
    void leave() {
        way = null;
        ackOwed = false;
    }

    void attach(SocketChannel to) {
        socket = to;
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            deliver(to, bytes);
        }
        to.flush();
    }

    /** Owns the payload. */
    FlowState.Verdict take(long offset, ByteBuf payload) {
        int length = payload.readableBytes();
        FlowState.Verdict verdict = state.received(offset, length);
        if (verdict != FlowState.Verdict.ACCEPTED) {
            payload.release();
            return verdict;
        }
        if (memory.exceededBy(length)) {
            payload.release();
            owner.noPlace();
            return verdict;
        }
        hold(held + length);
        counts.received(offset + length);
        Way from = way;
        if (from != null) {
            from.means().counters().bytesReceived.add(length);
        }
        SocketChannel to = socket;
        if (to == null) {
            early.add(payload);
        } else {
            deliver(to, payload);
        }
        return verdict;
    }

    private void hold(long now) {
        memory.addReceived(now - held);
        held = now;
    }

    private void deliver(SocketChannel to, ByteBuf payload) {
        int length = payload.readableBytes();
        to.write(payload)
                .addListener(
                        written -> {
                            // That of a write before a move is told where the write was made.
                            if (written.isSuccess()) {
                                owner.onLoop(() -> delivered(length));
                            } else {
                                owner.onLoop(owner::socketFailed);
                            }
                        });
    }

    private void delivered(int bytes) {
        state.delivered(bytes);
        hold(Math.max(0, held - bytes));
        giveCredit();
        owner.delivered();
    }

    private void giveCredit() {
        Way to = way;
        long limit = to == null ? -1 : state.creditToSend();
        if (to != null && limit >= 0) {
            to.writeAndFlush(new Credit(limit));
        }
    }

    void deliverFinIfDue() {
        SocketChannel to = socket;
        if (to == null || finDelivered || !state.finWasReceived() || state.undelivered() != 1) {
            return;
        }
        finDelivered = true;
        to.shutdownOutput()
                .addListener(
                        shut ->
                                owner.onLoop(
                                        shut.isSuccess()
                                                ? this::finDelivered
                                                : owner::socketFailed));
    }

    private void finDelivered() {
        state.delivered(1);
        acknowledge(0);
        owner.delivered();
    }

    /** All that came in one go was taken. */
    void takenAll() {
        SocketChannel to = socket;
        if (to != null) {
            to.flush();
        }
        acknowledge(ACK_THRESHOLD_BYTES);
    }

    private void acknowledge(long threshold) {
        Way to = way;
        if (to == null) {
            return;
        }
        long offset = state.ackToSend(threshold);
        if (offset >= 0) {
            to.writeAndFlush(new Ack(offset));
        } else if (!ackOwed && threshold > 0 && state.owesAck()) {
            ackOwed = true;
            to.means().acks().later(lateAck);
        }
    }

    private void acknowledgeLate() {
        ackOwed = false;
        acknowledge(0);
    }

    void release() {
        leave();
        hold(0);
        early.forEach(ByteBuf::release);
        early.clear();
    }
}
