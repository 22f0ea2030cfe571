package tp.tunnel;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Data;
import tp.tunnel.Message.Fin;

/**
 * What a flow has read from its socket: it waits for its turn on the link, or it was sent and is
 * kept until the far process has it. On the flow's event loop.
 */
final class Outgoing implements LinkWindow.Sender {

    private record Retained(long end, ByteBuf bytes) {}

    private final FlowState state;
    private final FlowCounts counts;
    private final FlowMemory memory;
    private final Runnable turned;

    /**
     * Not sent over the link there is. Bounded by one read, and after a lost link by what is kept.
     */
    private final Deque<ByteBuf> unsent = new ArrayDeque<>();

    /** Sent and not acknowledged. */
    private final Deque<Retained> retained = new ArrayDeque<>();

    private @Nullable Way way;
    private LinkWindow.@Nullable Share share;

    /** Offset of the first byte that was sent over this link, from which its window counts. */
    private long base;

    private long bytes;
    private boolean inputEnded;
    private boolean finSent;

    /**
     * @param memory of the flow's client
     * @param turned told where something was sent when its turn came
     */
    Outgoing(FlowState state, FlowCounts counts, FlowMemory memory, Runnable turned) {
        this.state = state;
        this.counts = counts;
        this.memory = memory;
        this.turned = turned;
    }

    void begin(Way to) {
        way = to;
        share = to.means().window().share(this);
        base = state.sendNext();
    }

    /** The link is lost or left; what was sent and not acknowledged may have gone with it. */
    void leave() {
        LinkWindow.Share last = share;
        way = null;
        share = null;
        if (last != null) {
            last.end();
        }
    }

    /**
     * Goes on over another link.
     *
     * @param received below which the far process has everything
     */
    FlowState.Verdict resume(Way to, long received) {
        FlowState.Verdict verdict = state.resumed(received);
        if (verdict == FlowState.Verdict.ACCEPTED) {
            forgetAcknowledged();
            while (!retained.isEmpty()) {
                unsent.addFirst(retained.removeLast().bytes());
            }
            finSent = state.finAcknowledged();
            begin(to);
            send();
            sendFinIfDue();
        }
        return verdict;
    }

    /** Owns the bytes. */
    void take(ByteBuf read) {
        keep(bytes + read.readableBytes());
        unsent.add(read);
        send();
    }

    /** {@return whether more may be read} */
    boolean hasRoom() {
        Way to = way;
        return to != null
                && unsent.isEmpty()
                && to.stream().isWritable()
                && state.sendWindow() >= Flow.READ_BYTES;
    }

    /** {@return how many bytes are kept here} */
    long bytes() {
        return bytes;
    }

    /** Hands to the link what it, and the far end, have room for now. */
    private void send() {
        LinkWindow.Share mine = share;
        while (mine != null && allowed() > 0) {
            int granted = mine.grant(allowed());
            if (granted == 0) {
                return; // our turn comes
            }
            write(part(granted));
        }
    }

    /**
     * {@return how much of the first piece the far end takes now} Less than all of it only where
     * more came than was asked for: Netty's epoll reads a socket that has an error, be it a reset.
     */
    private int allowed() {
        ByteBuf first = unsent.peek();
        return first == null ? 0 : (int) Math.min(first.readableBytes(), state.sendWindow());
    }

    private ByteBuf part(int length) {
        ByteBuf first = unsent.element();
        return length < first.readableBytes() ? first.readRetainedSlice(length) : unsent.remove();
    }

    private void write(ByteBuf part) {
        Way to = way;
        if (to == null) {
            part.release();
            return;
        }
        int length = part.readableBytes();
        long offset = state.send(length);
        counts.sent(offset + length);
        retained.add(new Retained(offset + length, part.retainedDuplicate()));
        to.means().counters().bytesSent.add(length);
        to.write(new Data(offset, part));
    }

    @Override
    public void turn() {
        send();
        Way to = way;
        if (to != null) {
            to.stream().flush();
        }
        sendFinIfDue();
        turned.run();
    }

    /** The far end takes more. */
    void credited() {
        Way to = way;
        if (to != null && !unsent.isEmpty()) {
            send();
            to.stream().flush();
            sendFinIfDue();
        }
    }

    /** The socket has said all. */
    void inputEnded() {
        inputEnded = true;
        sendFinIfDue();
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    private void sendFinIfDue() {
        Way to = way;
        if (inputEnded && !finSent && unsent.isEmpty() && to != null) {
            finSent = true;
            to.writeAndFlush(new Fin(state.sendFin()));
        }
    }

    /** Sends what waits without asking, since nothing comes after it. */
    void sendAll() {
        LinkWindow.Share mine = share;
        while (mine != null && allowed() > 0) {
            int length = allowed();
            mine.send(length);
            write(part(length));
        }
    }

    /** {@link FlowState#acked} has moved. */
    void acknowledged() {
        forgetAcknowledged();
        LinkWindow.Share mine = share;
        if (mine != null) {
            mine.acknowledged(state.acknowledged() - base);
        }
    }

    private void forgetAcknowledged() {
        while (!retained.isEmpty() && retained.peekFirst().end() <= state.acknowledged()) {
            ByteBuf gone = retained.removeFirst().bytes();
            keep(bytes - gone.readableBytes());
            gone.release();
        }
    }

    private void keep(long now) {
        memory.addRead(now - bytes);
        bytes = now;
        counts.retained(now);
    }

    void release() {
        leave();
        unsent.forEach(ByteBuf::release);
        unsent.clear();
        retained.forEach(kept -> kept.bytes().release());
        retained.clear();
        keep(0);
    }
}
