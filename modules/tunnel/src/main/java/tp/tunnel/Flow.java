package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Credit;
import tp.tunnel.Message.Data;
import tp.tunnel.Message.Fin;
import tp.tunnel.Message.Reset;

/**
 * One end of a TCP flow: a socket on one side, a stream of a session on the other, {@link
 * FlowState} between them. The same on laptop and manager. Everything runs on the event loop of the
 * link, which may be another one after the flow has moved.
 *
 * <pre>
 *   on a stream ──{@link #park}──► parked ──{@link #moveTo}──► parked on another loop ──{@link #resume}──► on a stream
 * </pre>
 *
 * <p>The socket has SO_LINGER 0 from the start, so that whatever ends this process resets the peer;
 * it is cleared only when both FINs are in the kernels at both ends. The socket is read only while
 * there is credit and room in the stream: that is the back-pressure. A parked flow is not read.
 */
final class Flow {

    static final int READ_BYTES = 64 * 1024;

    private static final int RESET_GRACE_SECONDS = 5;

    private final FlowState state;
    private final FlowCounts counts = new FlowCounts();
    private final Outgoing outgoing;
    private final Runnable ended;
    private final Incoming incoming;

    private final SocketReads reads = new SocketReads();

    private volatile EventLoop loop;
    private @Nullable Way way;
    private @Nullable SocketChannel socket;
    private boolean resetReceived;
    private boolean over;

    /**
     * @param ended told once, when the flow is over
     */
    Flow(Way way, long windowBytes, Runnable ended) {
        this.way = way;
        this.ended = ended;
        loop = way.stream().eventLoop();
        reads.begin(way);
        FlowMemory memory = way.seat().memory();
        state = new FlowState(windowBytes);
        outgoing = new Outgoing(state, counts, memory, this::readMore);
        outgoing.begin(way);
        incoming = new Incoming(state, counts, memory, new Received());
        incoming.begin(way);
    }

    /** The far end takes bytes below that offset. */
    void credited(long limit) {
        state.credited(limit);
        outgoing.credited();
        readMore();
    }

    void attach(SocketChannel accepted) {
        if (accepted.isOpen() && !accepted.eventLoop().equals(loop)) {
            SocketMove.to(loop, accepted, () -> {}, () -> onLoop(() -> attach(accepted)));
            return;
        }
        if (over) {
            resetSocket(accepted);
            return;
        }
        if (!accepted.isOpen()) {
            reset();
            return;
        }
        prepare(accepted);
        socket = accepted;
        reads.attach(accepted);
        accepted.pipeline().addLast(new SocketSide());
        incoming.attach(accepted);
        delivered();
        readMore();
    }

    static void prepare(SocketChannel channel) {
        channel.config()
                .setAutoRead(false)
                .setSoLinger(0)
                .setTcpNoDelay(true)
                .setKeepAlive(true)
                .setAllowHalfClosure(true)
                .setOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, READ_BYTES)
                                .maxMessagesPerRead(1));
    }

    boolean isOver() {
        return over;
    }

    /** {@return whether both ends have all, so that it is over, or will be in a moment} */
    boolean isDone() {
        return state.allDelivered() && state.finAcknowledged();
    }

    /** {@return how many bytes are kept for the far end} */
    long keptBytes() {
        return outgoing.bytes();
    }

    /** {@return its numbers; any thread} */
    FlowCounts counts() {
        return counts;
    }

    EventLoop loop() {
        return loop;
    }

    /** Runs on the flow's event loop, also where that has become another one meanwhile. */
    void onLoop(Runnable task) {
        EventLoop now = loop;
        if (now.inEventLoop()) {
            task.run();
        } else {
            now.execute(() -> onLoop(task));
        }
    }

    // ---- from one link to another

    /** The link is lost or left. The application, or the service, sees a slow network. */
    void park() {
        way = null;
        reads.leave();
        outgoing.leave();
        incoming.leave();
    }

    /**
     * Parks it, and takes it to another event loop.
     *
     * @param then runs on that loop
     */
    void moveTo(EventLoop next, Runnable then) {
        park();
        SocketChannel moving = socket;
        if (moving == null || !moving.isOpen() || next.equals(loop)) {
            loop = next;
            next.execute(then);
            return;
        }
        SocketMove.to(
                next,
                moving,
                () -> {
                    reads.moved();
                    loop = next;
                },
                then);
    }

    /** {@return below which this process has everything} It is taken for said. */
    long received() {
        return state.ackAgain();
    }

    /** {@return up to where the far end may send} It is taken for said. */
    long limit() {
        return state.creditAgain();
    }

    /**
     * Goes on over another stream, which is of this flow's event loop.
     *
     * @param received below which the far process has everything
     * @param limit up to where it takes more
     */
    void resume(Way to, long received, long limit) {
        if (over) {
            to.write(new Reset(state.sendNext()));
            to.end();
            return;
        }
        way = to;
        reads.begin(to);
        incoming.resume(to);
        state.credited(limit);
        if (violates(outgoing.resume(to, received))) {
            return;
        }
        to.stream().flush();
        SocketChannel moved = socket;
        if (moved == null) {
            return;
        }
        if (!moved.isOpen()) {
            reset();
            return;
        }
        moved.flush(); // what waits for the kernel's room is not asked for again by itself
        readMore();
        finishIfDone();
    }

    /** The far end has it no more: what came of it is delivered, and then the peer is reset. */
    void lost() {
        if (!over && !resetReceived) {
            park();
            resetReceived = true;
            if (socket == null) {
                finish();
            } else {
                resetAfterDelivery();
            }
        }
    }

    /** Ends the flow with a reset at both ends. */
    void reset() {
        if (over) {
            return;
        }
        Way to = way;
        if (to != null) {
            outgoing.sendAll();
            to.write(new Reset(state.sendNext()));
            to.end();
        }
        finish();
        resetLocal();
    }

    // ---- from the stream

    void received(Message message) {
        switch (message) {
            case Data data -> receivedData(data);
            case Ack ack -> {
                if (violates(state.acked(ack.offset()))) {
                    return;
                }
                outgoing.acknowledged();
                outgoing.credited();
                readMore();
                finishIfDone();
            }
            case Credit credit -> credited(credit.limit());
            case Fin fin -> {
                if (!violates(state.finReceived(fin.offset()))) {
                    incoming.deliverFinIfDue();
                }
            }
            case Reset reset -> receivedReset(reset);
            default -> {
                MessageStream.release(message);
                malformed();
            }
        }
    }

    private void receivedData(Data data) {
        if (over) {
            data.payload().release();
        } else {
            violates(incoming.take(data.offset(), data.payload()));
        }
    }

    private void receivedReset(Reset reset) {
        if (over || reset.offset() < state.receiveNext()) {
            return;
        }
        resetReceived = true;
        SocketChannel to = socket;
        if (to != null) {
            // The stream may end in this very read, and its end tells nobody to flush.
            to.flush();
            resetAfterDelivery();
        }
    }

    private void malformed() {
        Way from = way;
        if (from != null) {
            from.means().counters().malformed.increment();
        }
        reset();
    }

    /** {@return whether it was a violation, after which the flow is reset} */
    private boolean violates(FlowState.Verdict verdict) {
        if (verdict == FlowState.Verdict.VIOLATION) {
            malformed();
            return true;
        }
        return over;
    }

    void receivedAll() {
        if (!over) {
            incoming.takenAll();
        }
    }

    /** {@return whether it waits for its own end only, so that no other stream is of use} */
    boolean isEnding() {
        return over || resetReceived;
    }

    /** The stream is gone and no other will come: the peer of the socket sees a reset. */
    void streamClosed() {
        if (!over && !resetReceived) {
            finish();
            resetLocal();
        } else if (resetReceived && socket == null) {
            finish();
        }
    }

    // ---- towards the socket

    private void delivered() {
        if (over) {
            return;
        }
        if (resetReceived) {
            resetAfterDelivery();
        } else {
            incoming.deliverFinIfDue();
            finishIfDone();
        }
    }

    private void resetAfterDelivery() {
        if (over) {
            return;
        }
        if (state.undeliveredBytes() == 0) {
            resetNow();
        } else {
            loop.schedule(() -> onLoop(this::resetNow), RESET_GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void resetNow() {
        if (!over) {
            Way last = way;
            finish();
            resetLocal();
            if (last != null) {
                last.end();
            }
        }
    }

    // ---- from the socket

    void readMore() {
        if (!over && !outgoing.isInputEnded() && outgoing.hasRoom()) {
            reads.ask();
        }
    }

    private void take(ByteBuf bytes) {
        if (over || !bytes.isReadable()) {
            bytes.release();
        } else {
            reads.took();
            outgoing.take(bytes);
        }
    }

    private void socketFailed() {
        if (!over) {
            reset();
        }
    }

    // ---- ends

    private void finishIfDone() {
        if (!over && isDone()) {
            SocketChannel last = socket;
            Way to = way;
            finish();
            if (last != null) {
                last.config().setSoLinger(-1);
                last.close();
            }
            if (to != null) {
                to.end();
            }
        }
    }

    private void finish() {
        over = true;
        reads.leave();
        outgoing.release();
        incoming.release();
        ended.run();
    }

    private void resetLocal() {
        SocketChannel last = socket;
        if (last != null) {
            resetSocket(last);
        }
    }

    static void resetSocket(SocketChannel channel) {
        if (channel.isOpen()) {
            channel.config().setSoLinger(0);
            channel.close();
        }
    }

    private final class Received implements Incoming.Owner {

        @Override
        public void onLoop(Runnable task) {
            Flow.this.onLoop(task);
        }

        @Override
        public void delivered() {
            Flow.this.delivered();
        }

        @Override
        public void socketFailed() {
            Flow.this.socketFailed();
        }

        @Override
        public void noPlace() {
            reset();
        }
    }

    private final class SocketSide extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            take((ByteBuf) bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            reads.answered();
            Way to = way;
            if (to != null) {
                to.stream().flush();
            }
            readMore();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent && !over) {
                outgoing.inputEnded();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            onLoop(Flow.this::socketFailed);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            onLoop(Flow.this::socketFailed);
        }
    }
}
