package tp.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Sockets;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Datagram;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Unreachable;

/**
 * The manager's end of a UDP flow: a connected socket, so that the kernel tells of unreachable
 * ports.
 */
final class ServerUdp implements ServerDatagrams {

    private static final int MAX_EARLY = 16;

    private final ServerConnection connection;
    private final Channel stream;
    private final InetSocketAddress target;
    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private @Nullable Channel socket;
    private boolean closed;

    /** Whether datagrams go beside the stream. */
    private final boolean beside;

    private final long flowId;
    private final LinkWindow.Share share;
    private final DatagramReceipts receipts;

    ServerUdp(ServerConnection connection, Channel stream, long flowId, InetSocketAddress target) {
        this.connection = connection;
        this.stream = stream;
        this.flowId = flowId;
        this.target = target;
        share = connection.means().window().datagrams();
        receipts = new DatagramReceipts(stream, connection.means().acks());
        beside =
                connection.datagrams().carried()
                        && connection.datagrams().add(flowId, this::datagram);
    }

    @Override
    public void allowed(DialOutcome verdict) {
        if (closed) {
            return;
        }
        if (verdict != DialOutcome.ESTABLISHED) {
            MessageStream.write(stream, new Unreachable(verdict));
            MessageStream.end(stream);
            return;
        }
        new Bootstrap()
                .group(connection.loop())
                .channel(Sockets.of(connection.loop()).datagrams())
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(65_536))
                .handler(new FromTarget())
                .connect(target)
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                MessageStream.writeAndFlush(
                                        stream,
                                        new Unreachable(Dial.outcome(done.cause(), target)));
                            }
                        });
    }

    @Override
    public void received(Message message) {
        switch (message) {
            case Datagram datagram -> {
                receipts.received(datagram.payload().readableBytes());
                datagram(datagram.payload());
            }
            case Ack ack -> share.acknowledged(ack.offset());
            default -> {
                MessageStream.release(message);
                connection.malformed();
                stream.close();
            }
        }
    }

    private void datagram(ByteBuf payload) {
        Channel to = socket;
        if (to != null) {
            connection.counters().bytesReceived.add(payload.readableBytes());
            to.writeAndFlush(payload).addListener(done -> failed(done.cause()));
        } else if (early.size() < MAX_EARLY && !closed) {
            early.add(payload);
        } else {
            payload.release();
            connection.counters().datagramsDropped.increment();
        }
    }

    /** ECONNREFUSED on a connected UDP socket is an ICMP port unreachable. */
    private void failed(@Nullable Throwable cause) {
        if (cause != null && stream.isActive()) {
            MessageStream.writeAndFlush(stream, new Unreachable(Dial.outcome(cause, target)));
        }
    }

    @Override
    public void close() {
        closed = true;
        share.end();
        if (beside) {
            connection.datagrams().remove(flowId);
        }
        early.forEach(ByteBuf::release);
        early.clear();
        Channel last = socket;
        if (last != null) {
            last.close();
        }
    }

    private final class FromTarget extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (closed) {
                ctx.close();
                return;
            }
            socket = ctx.channel();
            for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
                ctx.channel().write(bytes);
            }
            ctx.channel().flush();
            MessageStream.writeAndFlush(stream, new Dialed(DialOutcome.ESTABLISHED, 0, 0));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf payload = ((DatagramPacket) message).content();
            if (beside && stream.isActive()) {
                connection.datagrams().send(flowId, payload);
            } else if (stream.isActive()
                    && stream.isWritable()
                    && share.sendDatagram(payload.readableBytes())) {
                connection.counters().bytesSent.add(payload.readableBytes());
                MessageStream.write(stream, new Datagram(payload));
            } else {
                payload.release();
                connection.counters().datagramsDropped.increment();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            stream.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failed(cause);
        }
    }
}
