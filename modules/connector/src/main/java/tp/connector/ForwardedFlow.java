package tp.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tp.kube.PodForward;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.FlowStatistics;
import tp.tunnel.TcpFlow;

/**
 * A TCP conversation with a port of a pod: the application's socket on one side, a forwarded
 * connection on the other. On the session's loop, but for the methods of {@link TcpFlow}.
 *
 * <p>The socket has SO_LINGER 0 until both directions have ended in order, so that whatever ends
 * this process resets the application's connection.
 */
final class ForwardedFlow implements TcpFlow, PodForward.Events {

    private static final int READ_BYTES = 64 * 1024;
    private static final int RESET_GRACE_SECONDS = 5;

    private final ApiSession session;
    private final InetSocketAddress target;
    private final DialListener listener;
    private final Deque<ByteBuffer> early = new ArrayDeque<>();

    private Iterator<Targets.PodPort> ways = List.<Targets.PodPort>of().iterator();
    private Targets.@Nullable PodPort way;
    private PodForward.@Nullable Connection connection;
    private @Nullable SocketChannel socket;
    private String lastFailure = "";
    private boolean told;
    private volatile boolean established;
    private boolean counted;
    private boolean over;
    private boolean podEnded;
    private boolean podFailed;
    private boolean shut;
    private boolean inputEnded;
    private boolean reading;
    private int undelivered;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();

    ForwardedFlow(ApiSession session, InetSocketAddress target, DialListener listener) {
        this.session = session;
        this.target = target;
        this.listener = listener;
    }

    // ---- the dial

    void open() {
        if (over) {
            return;
        }
        counted = true;
        session.opened();
        switch (session.choose(target)) {
            case Targets.Choice.Refused refused -> refuse(refused.outcome(), refused.why());
            case Targets.Choice.Ports ports -> {
                ways = session.order(ports).iterator();
                tryNext();
            }
        }
    }

    private void tryNext() {
        if (session.isClosed()) {
            refuse(DialOutcome.TUNNEL_DOWN, lastFailure);
            return;
        }
        if (!ways.hasNext()) {
            refuse(DialOutcome.HOST_UNREACHABLE, lastFailure);
            return;
        }
        Targets.PodPort next = ways.next();
        way = next;
        connection = session.connect(next, this);
    }

    private void refuse(DialOutcome outcome, String why) {
        session.refused("tcp " + Targets.text(target) + ": " + why);
        finish();
        tell(outcome);
    }

    private void tell(DialOutcome outcome) {
        if (!told) {
            told = true;
            listener.dialed(outcome, this);
        }
    }

    @Override
    public void established() {
        if (!over) {
            established = true;
            tell(DialOutcome.ESTABLISHED);
        }
    }

    /**
     * Before there is a connection another endpoint may do, but for what the pod itself said: that
     * is how it would have ended in the cluster.
     */
    @Override
    public void failed(PodForward.Failure failure, String why) {
        if (over) {
            return;
        }
        if (told) {
            session.failed(why);
            podFailed = true;
            resetAfterDelivery();
            return;
        }
        lastFailure = why;
        switch (failure) {
            case REFUSED -> refuse(DialOutcome.REFUSED, why);
            case UNREACHABLE -> refuse(DialOutcome.HOST_UNREACHABLE, why);
            case TIMED_OUT -> refuse(DialOutcome.TIMED_OUT, why);
            case FORBIDDEN -> refuse(DialOutcome.PROHIBITED, why);
            case NO_SUCH_POD, BROKEN -> {
                Targets.PodPort failed = way;
                if (failed != null) {
                    session.avoid(failed);
                }
                tryNext();
            }
        }
    }

    // ---- from the pod

    @Override
    public void bytes(ByteBuffer bytes) {
        if (over) {
            return;
        }
        undelivered += bytes.remaining();
        session.received(bytes.remaining());
        received.addAndGet(bytes.remaining());
        SocketChannel to = socket;
        if (to == null) {
            early.add(bytes);
        } else {
            deliver(to, bytes);
            to.flush();
        }
    }

    private void deliver(SocketChannel to, ByteBuffer bytes) {
        int count = bytes.remaining();
        to.write(Unpooled.wrappedBuffer(bytes))
                .addListener(
                        written -> {
                            if (written.isSuccess()) {
                                delivered(count);
                            } else {
                                socketFailed();
                            }
                        });
    }

    private void delivered(int count) {
        undelivered -= count;
        PodForward.Connection from = connection;
        if (from != null) {
            from.taken(count);
        }
        if (podFailed) {
            resetAfterDelivery();
        } else {
            shutIfDue();
        }
    }

    @Override
    public void ended() {
        podEnded = true;
        shutIfDue();
    }

    private void shutIfDue() {
        SocketChannel to = socket;
        if (to == null || over || shut || !podEnded || undelivered > 0) {
            return;
        }
        shut = true;
        to.shutdownOutput()
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                finishIfDone();
                            } else {
                                socketFailed();
                            }
                        });
    }

    private void finishIfDone() {
        SocketChannel last = socket;
        if (!over && shut && inputEnded && last != null) {
            finish();
            last.config().setSoLinger(-1);
            last.close();
        }
    }

    private void resetAfterDelivery() {
        SocketChannel to = socket;
        if (over || to == null) {
            return;
        }
        if (undelivered == 0) {
            resetBoth();
        } else {
            session.loop().schedule(this::resetBoth, RESET_GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    // ---- from the application

    @Override
    public void attach(SocketChannel accepted) {
        session.loop().execute(() -> attachNow(accepted));
    }

    private void attachNow(SocketChannel accepted) {
        if (over) {
            resetSocket(accepted);
            return;
        }
        accepted.config()
                .setAutoRead(false)
                .setSoLinger(0)
                .setTcpNoDelay(true)
                .setKeepAlive(true)
                .setAllowHalfClosure(true)
                .setOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, READ_BYTES)
                                .maxMessagesPerRead(1));
        socket = accepted;
        accepted.pipeline().addLast(new SocketSide());
        for (ByteBuffer bytes = early.poll(); bytes != null; bytes = early.poll()) {
            deliver(accepted, bytes);
        }
        accepted.flush();
        if (podFailed) {
            resetAfterDelivery();
        } else {
            shutIfDue();
            readMore();
        }
    }

    @Override
    public void writable() {
        readMore();
    }

    private void readMore() {
        SocketChannel from = socket;
        PodForward.Connection to = connection;
        if (from != null && to != null && !over && !reading && !inputEnded && to.isWritable()) {
            reading = true;
            from.read();
        }
    }

    private final class SocketSide extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                PodForward.Connection to = connection;
                if (to != null && !over) {
                    session.sent(bytes.readableBytes());
                    sent.addAndGet(bytes.readableBytes());
                    to.send(bytes.nioBuffer());
                }
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            reading = false;
            readMore();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            PodForward.Connection to = connection;
            if (event instanceof ChannelInputShutdownEvent && !inputEnded && to != null) {
                inputEnded = true;
                to.finish();
                finishIfDone();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            socketFailed();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            socketFailed();
        }
    }

    @Override
    public FlowStatistics statistics() {
        return new FlowStatistics(
                established ? FlowStatistics.State.OPEN : FlowStatistics.State.DIALING,
                sent.get(),
                received.get(),
                0);
    }

    // ---- ends

    @Override
    public void reset() {
        session.loop().execute(this::cancel);
    }

    /** Before the dial ended nobody is told of its end. */
    private void cancel() {
        told = true;
        resetBoth();
    }

    private void socketFailed() {
        resetBoth();
    }

    private void resetBoth() {
        if (!over) {
            PodForward.Connection other = connection;
            finish();
            if (other != null) {
                other.reset();
            }
            SocketChannel last = socket;
            if (last != null) {
                resetSocket(last);
            }
        }
    }

    private void finish() {
        over = true;
        early.clear();
        if (counted) {
            session.closed();
        }
    }

    private static void resetSocket(SocketChannel channel) {
        if (channel.isOpen()) {
            channel.config().setSoLinger(0);
            channel.close();
        }
    }
}
