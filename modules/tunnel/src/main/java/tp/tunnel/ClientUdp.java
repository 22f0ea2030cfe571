package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Datagram;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Protocol;
import tp.tunnel.Message.Unanswered;
import tp.tunnel.Message.Unreachable;

/**
 * A flow of datagrams, UDP's or of echo requests, on a stream of its own, and beside it where the
 * link has datagrams. A datagram is never queued behind a full stream: it is dropped.
 */
final class ClientUdp implements UdpFlow, MessageStream.Receiver {

    private static final int MAX_EARLY = 16;

    /** On their way to the session's loop. */
    private static final int MAX_HANDED = 512;

    private final ClientSession session;
    private final Protocol protocol;
    private final InetSocketAddress target;
    private final UdpListener listener;

    /** The same listener, where it is one of echoes. */
    private final @Nullable EchoListener echoes;

    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private final LinkWindow.Share share;
    private final AtomicInteger handed = new AtomicInteger();
    private final FlowCounts counts = new FlowCounts();

    private volatile @Nullable Channel stream;
    private @Nullable DatagramReceipts receipts;
    private volatile boolean over;
    private long flowId = -1;
    private long sent;
    private long received;

    /** Whether the manager knows the flow, so that datagrams need not follow the stream's order. */
    private boolean beside;

    private ClientUdp(
            ClientSession session,
            Protocol protocol,
            InetSocketAddress target,
            UdpListener listener,
            @Nullable EchoListener echoes) {
        this.session = session;
        this.protocol = protocol;
        this.target = target;
        this.listener = listener;
        this.echoes = echoes;
        share = session.means().window().datagrams();
    }

    static ClientUdp udp(ClientSession session, InetSocketAddress target, UdpListener listener) {
        return new ClientUdp(session, Protocol.UDP, target, listener, null);
    }

    static ClientUdp echo(ClientSession session, InetAddress target, EchoListener listener) {
        InetSocketAddress noPort = new InetSocketAddress(target, 0);
        return new ClientUdp(session, Protocol.ECHO, noPort, listener, listener);
    }

    void open() {
        if (session.full()) {
            closed();
        } else {
            session.openStream(this, this::opened);
        }
    }

    private void opened(Channel channel) {
        if (over) {
            channel.close();
            return;
        }
        session.counters().openFlows.incrementAndGet();
        flowId = session.takeFlowId();
        session.datagrams().add(flowId, this::datagram);
        MessageStream.write(channel, new Open(flowId, protocol, target, 0));
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            write(channel, bytes);
        }
        channel.flush();
        receipts = new DatagramReceipts(channel, session.means().acks());
        stream = channel;
    }

    private void write(Channel to, ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (share.sendDatagram(length)) {
            session.counters().bytesSent.add(length);
            counts.sent(sent += length);
            MessageStream.write(to, new Datagram(bytes));
        } else {
            bytes.release();
            session.counters().datagramsDropped.increment();
        }
    }

    @Override
    public boolean send(ByteBuffer payload) {
        Channel to = stream;
        if (over
                || payload.remaining() > MessageCodec.MAX_PAYLOAD_BYTES
                || (to != null && !to.isWritable())
                || handed.get() >= MAX_HANDED) {
            session.counters().datagramsDropped.increment();
            return false;
        }
        ByteBuf bytes = io.netty.buffer.ByteBufAllocator.DEFAULT.directBuffer(payload.remaining());
        bytes.writeBytes(payload.duplicate());
        handed.incrementAndGet();
        session.loop().execute(() -> sendNow(bytes));
        return true;
    }

    private void sendNow(ByteBuf bytes) {
        handed.decrementAndGet();
        Channel to = stream;
        if (over || (to == null && early.size() >= MAX_EARLY)) {
            bytes.release();
            session.counters().datagramsDropped.increment();
        } else if (to == null) {
            early.add(bytes);
        } else if (beside) {
            counts.sent(sent += bytes.readableBytes());
            session.datagrams().send(flowId, bytes);
        } else {
            write(to, bytes);
            to.flush();
        }
    }

    @Override
    public void close() {
        session.loop().execute(this::closeNow);
    }

    private void closeNow() {
        Channel channel = stream;
        if (channel != null) {
            channel.close();
        } else {
            closed();
        }
    }

    @Override
    public FlowStatistics statistics() {
        return counts.snapshot(FlowStatistics.State.OPEN);
    }

    @Override
    public void received(Message message) {
        switch (message) {
            case Datagram datagram -> {
                receipt(datagram.payload().readableBytes());
                datagram(datagram.payload());
            }
            case Ack ack -> share.acknowledged(ack.offset());
            case Dialed dialed -> beside = session.datagrams().carried();
            case Unreachable unreachable -> listener.unreachable(unreachable.outcome());
            case Unanswered error -> unanswered(error);
            default -> {
                MessageStream.release(message);
                closeNow();
            }
        }
    }

    private void receipt(int bytes) {
        DatagramReceipts to = receipts;
        if (to != null) {
            to.received(bytes);
        }
    }

    private void unanswered(Unanswered error) {
        if (echoes == null) {
            closeNow();
        } else {
            echoes.failed(error.sequence(), error.reason());
        }
    }

    private void datagram(ByteBuf payload) {
        session.counters().bytesReceived.add(payload.readableBytes());
        counts.received(received += payload.readableBytes());
        listener.received(payload);
        payload.release();
    }

    @Override
    public void closed() {
        if (!over) {
            over = true;
            share.end();
            session.datagrams().remove(flowId);
            if (stream != null) {
                session.counters().openFlows.decrementAndGet();
            }
            early.forEach(ByteBuf::release);
            early.clear();
            listener.closed();
        }
    }
}
