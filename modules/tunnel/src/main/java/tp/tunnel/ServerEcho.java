package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Datagram;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Unanswered;
import tp.tunnel.Message.Unreachable;

/**
 * The manager's end of a flow of echo requests. Where it cannot ask, it says nothing: then there is
 * silence at the other end too, and the grant says why.
 */
final class ServerEcho implements ServerDatagrams, EchoTarget.Ears {

    static final int SEQUENCE_BYTES = 2;

    private static final int MAX_EARLY = 16;

    /** Of replies on their way from the thread that read them; what comes beyond is dropped. */
    private static final int MAX_WAITING_BYTES = 256 * 1024;

    private final ServerConnection connection;
    private final Channel stream;
    private final long flowId;
    private final InetAddress target;
    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private final AtomicInteger waitingBytes = new AtomicInteger();

    /** Whether datagrams go beside the stream. */
    private final boolean beside;

    private final LinkWindow.Share share;
    private final DatagramReceipts receipts;

    private @Nullable EchoTarget asked;
    private boolean decided;
    private boolean closed;

    ServerEcho(ServerConnection connection, Channel stream, long flowId, InetAddress target) {
        this.connection = connection;
        this.stream = stream;
        this.flowId = flowId;
        this.target = target;
        share = connection.means().window().datagrams();
        receipts = new DatagramReceipts(stream, connection.means().acks());
        beside =
                connection.datagrams().carried()
                        && connection.datagrams().add(flowId, this::request);
    }

    @Override
    public void allowed(DialOutcome verdict) {
        if (closed) {
            return;
        }
        decided = true;
        if (verdict != DialOutcome.ESTABLISHED) {
            dropEarly();
            MessageStream.write(stream, new Unreachable(verdict));
            MessageStream.end(stream);
            return;
        }
        SessionGrant grant = connection.grant();
        try {
            asked = grant == null ? null : grant.openEcho(target, this);
        } catch (IOException e) {
            asked = null;
        }
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            request(bytes);
        }
        MessageStream.writeAndFlush(stream, new Dialed(DialOutcome.ESTABLISHED, 0, 0));
    }

    @Override
    public void received(Message message) {
        switch (message) {
            case Datagram datagram -> {
                receipts.received(datagram.payload().readableBytes());
                request(datagram.payload());
            }
            case Ack ack -> share.acknowledged(ack.offset());
            default -> {
                MessageStream.release(message);
                connection.malformed();
                stream.close();
            }
        }
    }

    /** Owns the bytes. */
    private void request(ByteBuf echoed) {
        EchoTarget to = asked;
        if (echoed.readableBytes() < SEQUENCE_BYTES) {
            echoed.release();
            connection.malformed();
        } else if (!decided && !closed && early.size() < MAX_EARLY) {
            early.add(echoed);
        } else if (to == null) {
            echoed.release();
            connection.counters().datagramsDropped.increment();
        } else {
            connection.counters().bytesReceived.add(echoed.readableBytes());
            to.ask(echoed.nioBuffer());
            echoed.release();
        }
    }

    @Override
    public void replied(ByteBuffer echoed) {
        int length = echoed.remaining();
        if (waitingBytes.addAndGet(length) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-length);
            connection.counters().datagramsDropped.increment();
            return;
        }
        ByteBuf copy = stream.alloc().directBuffer(length).writeBytes(echoed);
        try {
            connection.loop().execute(() -> reply(copy, length));
        } catch (RejectedExecutionException e) {
            copy.release();
        }
    }

    private void reply(ByteBuf echoed, int length) {
        waitingBytes.addAndGet(-length);
        if (!stream.isActive()) {
            echoed.release();
        } else if (beside) {
            connection.datagrams().send(flowId, echoed);
        } else if (stream.isWritable() && share.sendDatagram(length)) {
            connection.counters().bytesSent.add(length);
            MessageStream.writeAndFlush(stream, new Datagram(echoed));
        } else {
            echoed.release();
            connection.counters().datagramsDropped.increment();
        }
    }

    @Override
    public void failed(int sequence, EchoFailure reason) {
        try {
            connection.loop().execute(() -> tell(new Unanswered(sequence, reason)));
        } catch (RejectedExecutionException e) {
            // The session has ended.
        }
    }

    private void tell(Unanswered message) {
        if (stream.isActive() && stream.isWritable()) {
            MessageStream.writeAndFlush(stream, message);
        } else {
            connection.counters().datagramsDropped.increment();
        }
    }

    private void dropEarly() {
        early.forEach(ByteBuf::release);
        early.clear();
    }

    @Override
    public void close() {
        closed = true;
        share.end();
        if (beside) {
            connection.datagrams().remove(flowId);
        }
        dropEarly();
        EchoTarget last = asked;
        if (last != null) {
            last.close();
        }
    }
}
