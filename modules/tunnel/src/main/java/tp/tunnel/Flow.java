package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Credit;
import tp.tunnel.Message.Data;
import tp.tunnel.Message.Fin;
import tp.tunnel.Message.Reset;

/**
 * One end of a TCP flow: a socket on one side, a stream of the session on the other, {@link
 * FlowState} between them. The same on laptop and manager. Everything runs on the session's event
 * loop.
 *
 * <p>The socket has SO_LINGER 0 from the start, so that whatever ends this process resets the peer;
 * it is cleared only when both FINs are in the kernels at both ends. The socket is read only while
 * there is credit and room in the stream: that is the back-pressure.
 */
final class Flow implements LinkWindow.Sender {

    static final int READ_BYTES = 64 * 1024;

    private static final int ACK_THRESHOLD_BYTES = 32 * 1024;
    private static final int RESET_GRACE_SECONDS = 5;

    private record Retained(long end, ByteBuf bytes) {}

    private final Channel stream;
    private final FlowState state;
    private final Counters counters;
    private final LinkWindow.Share share;
    private final LateAcks acks;
    private final Runnable ended;
    private final Runnable lateAck = this::acknowledgeLate;

    /** Read from the socket, and waits for its turn on the link. Bounded by one read. */
    private final Deque<ByteBuf> unsent = new ArrayDeque<>();

    /** Sent and not acknowledged: what a resume would send again. */
    private final Deque<Retained> retained = new ArrayDeque<>();

    /** Received before there was a socket. Bounded by the window. */
    private final Deque<ByteBuf> early = new ArrayDeque<>();

    private @Nullable SocketChannel socket;
    private boolean reading;
    private boolean inputEnded;
    private boolean finSent;
    private boolean finDelivered;
    private boolean resetReceived;
    private boolean ackOwed;
    private boolean over;

    /**
     * @param ended told once, when the flow is over
     */
    Flow(Channel stream, long windowBytes, FlowMeans means, Runnable ended) {
        this.stream = stream;
        this.ended = ended;
        counters = means.counters();
        share = means.window().share(this);
        acks = means.acks();
        state = new FlowState(windowBytes);
    }

    /** The far end's first credit. */
    void credited(long limit) {
        state.credited(limit);
        readMore();
    }

    void attach(SocketChannel accepted) {
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
        accepted.pipeline().addLast(new SocketSide());
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            deliver(accepted, bytes);
        }
        accepted.flush();
        if (resetReceived) {
            resetAfterDelivery();
        } else {
            deliverFinIfDue();
            readMore();
        }
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

    /** Ends the flow with a reset at both ends. */
    void reset() {
        if (over) {
            return;
        }
        for (ByteBuf bytes = unsent.poll(); bytes != null; bytes = unsent.poll()) {
            share.send(bytes.readableBytes());
            write(bytes);
        }
        MessageStream.write(stream, new Reset(state.sendNext()));
        MessageStream.end(stream);
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
                releaseRetained();
                share.acknowledged(ack.offset());
                readMore();
                finishIfDone();
            }
            case Credit credit -> {
                state.credited(credit.limit());
                readMore();
            }
            case Fin fin -> {
                if (!violates(state.finReceived(fin.offset()))) {
                    deliverFinIfDue();
                }
            }
            case Reset reset -> receivedReset(reset);
            default -> {
                MessageStream.release(message);
                counters.malformed.increment();
                reset();
            }
        }
    }

    private void receivedData(Data data) {
        ByteBuf payload = data.payload();
        int length = payload.readableBytes();
        FlowState.Verdict verdict =
                over ? FlowState.Verdict.DUPLICATE : state.received(data.offset(), length);
        if (verdict != FlowState.Verdict.ACCEPTED) {
            payload.release();
            violates(verdict);
            return;
        }
        counters.bytesReceived.add(length);
        SocketChannel to = socket;
        if (to == null) {
            early.add(payload);
        } else {
            deliver(to, payload);
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

    /** {@return whether it was a violation, after which the flow is reset} */
    private boolean violates(FlowState.Verdict verdict) {
        if (verdict == FlowState.Verdict.VIOLATION) {
            counters.malformed.increment();
            reset();
            return true;
        }
        return over;
    }

    void receivedAll() {
        SocketChannel to = socket;
        if (to != null) {
            to.flush();
        }
        acknowledge(ACK_THRESHOLD_BYTES);
    }

    /** The stream is gone: without an orderly end before, the peer of the socket sees a reset. */
    void streamClosed() {
        if (!over && !resetReceived) {
            finish();
            resetLocal();
        } else if (resetReceived && socket == null) {
            finish();
        }
    }

    // ---- towards the socket

    private void deliver(SocketChannel to, ByteBuf payload) {
        int length = payload.readableBytes();
        to.write(payload)
                .addListener(
                        written -> {
                            if (written.isSuccess()) {
                                delivered(length);
                            } else {
                                socketFailed();
                            }
                        });
    }

    private void delivered(int bytes) {
        if (over) {
            return;
        }
        state.delivered(bytes);
        long limit = state.creditToSend();
        if (limit >= 0) {
            MessageStream.write(stream, new Credit(limit));
            stream.flush();
        }
        if (resetReceived) {
            resetAfterDelivery();
        } else {
            deliverFinIfDue();
        }
    }

    private void deliverFinIfDue() {
        SocketChannel to = socket;
        if (to == null
                || finDelivered
                || over
                || !state.finWasReceived()
                || state.undelivered() != 1) {
            return;
        }
        finDelivered = true;
        to.shutdownOutput()
                .addListener(
                        shut -> {
                            if (!shut.isSuccess()) {
                                socketFailed();
                                return;
                            }
                            state.delivered(1);
                            acknowledge(0);
                            finishIfDone();
                        });
    }

    private void acknowledge(long threshold) {
        if (over) {
            return;
        }
        long offset = state.ackToSend(threshold);
        if (offset >= 0) {
            MessageStream.writeAndFlush(stream, new Ack(offset));
        } else if (!ackOwed && threshold > 0 && state.owesAck()) {
            ackOwed = true;
            acks.later(lateAck);
        }
    }

    private void acknowledgeLate() {
        ackOwed = false;
        acknowledge(0);
    }

    private void resetAfterDelivery() {
        if (over) {
            return;
        }
        if (state.undeliveredBytes() == 0) {
            finish();
            resetLocal();
            MessageStream.end(stream);
        } else {
            stream.eventLoop().schedule(this::resetNow, RESET_GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void resetNow() {
        if (!over) {
            finish();
            resetLocal();
            MessageStream.end(stream);
        }
    }

    // ---- from the socket

    void readMore() {
        SocketChannel from = socket;
        if (from != null
                && !reading
                && !inputEnded
                && !over
                && unsent.isEmpty()
                && stream.isWritable()
                && state.sendWindow() >= READ_BYTES) {
            reading = true;
            from.read();
        }
    }

    private void take(ByteBuf bytes) {
        if (over || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        unsent.add(bytes);
        send();
    }

    /** Hands to the link what it has room for now. */
    private void send() {
        for (ByteBuf first = unsent.peek(); first != null; first = unsent.peek()) {
            int granted = share.grant(first.readableBytes());
            if (granted == 0) {
                return; // our turn comes
            }
            if (granted < first.readableBytes()) {
                write(first.readRetainedSlice(granted));
            } else {
                write(unsent.remove());
            }
        }
    }

    private void write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        long offset = state.send(length);
        retained.add(new Retained(offset + length, bytes.retainedDuplicate()));
        counters.bytesSent.add(length);
        MessageStream.write(stream, new Data(offset, bytes));
    }

    @Override
    public void turn() {
        send();
        stream.flush();
        sendFinIfDue();
        readMore();
    }

    private void sendFinIfDue() {
        if (inputEnded && !finSent && !over && unsent.isEmpty()) {
            finSent = true;
            MessageStream.writeAndFlush(stream, new Fin(state.sendFin()));
        }
    }

    private void socketFailed() {
        if (!over) {
            reset();
        }
    }

    // ---- ends

    private void finishIfDone() {
        if (!over && state.allDelivered() && state.finAcknowledged()) {
            SocketChannel last = socket;
            finish();
            if (last != null) {
                last.config().setSoLinger(-1);
                last.close();
            }
            MessageStream.end(stream);
        }
    }

    private void finish() {
        over = true;
        share.end();
        unsent.forEach(ByteBuf::release);
        unsent.clear();
        retained.forEach(kept -> kept.bytes().release());
        retained.clear();
        early.forEach(ByteBuf::release);
        early.clear();
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

    private void releaseRetained() {
        while (!retained.isEmpty() && retained.peekFirst().end() <= state.acknowledged()) {
            retained.removeFirst().bytes().release();
        }
    }

    private final class SocketSide extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            take((ByteBuf) bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            reading = false;
            stream.flush();
            readMore();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded = true;
                sendFinIfDue();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            socketFailed();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            socketFailed();
        }
    }
}
