package tp.daemon;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tp.stack.FlowView;
import tp.tunnel.TcpFlow;

/** Port 53 of tp's own address, UDP and TCP. */
final class DnsPort {

    static final int PORT = 53;

    private static final int MAX_MESSAGE = 65_535;

    /** Who asks again after a drop finds room; names are cached in between. */
    private static final int MAX_RESOLVING = 512;

    /** RFC 7766 §6.2.3 leaves it to the server. */
    private static final int TCP_IDLE_SECONDS = 30;

    private final NameServer names;
    private final Mailbox mailbox;
    private final Semaphore resolving = new Semaphore(MAX_RESOLVING);
    private final AtomicLong dropped = new AtomicLong();

    DnsPort(NameServer names, Mailbox mailbox) {
        this.names = names;
        this.mailbox = mailbox;
    }

    /** Takes a question by UDP; view and payload are borrowed. */
    void ask(FlowView view, ByteBuffer payload) {
        byte[] query = new byte[payload.remaining()];
        payload.get(payload.position(), query);
        FlowView flow = view.copy();
        resolve(
                ByteBuffer.wrap(query),
                false,
                answer ->
                        mailbox.post(
                                new Mailbox.Datagram(
                                        flow, Unpooled.wrappedBuffer(answer), Optional.empty())));
    }

    /** {@return a flow that serves the connection it is attached to} */
    TcpFlow tcp() {
        return new TcpFlow() {
            @Override
            public void attach(SocketChannel accepted) {
                serve(accepted);
            }

            @Override
            public void reset() {}
        };
    }

    /** {@return questions that found no room} */
    long dropped() {
        return dropped.get();
    }

    private boolean resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        if (!resolving.tryAcquire()) {
            dropped.incrementAndGet();
            return false;
        }
        Thread.ofVirtual()
                .name("tp-dns")
                .start(
                        () -> {
                            try {
                                names.resolve(query, tcp, answer);
                            } finally {
                                resolving.release();
                            }
                        });
        return true;
    }

    private void serve(SocketChannel channel) {
        channel.config().setSoLinger(-1);
        channel.pipeline()
                .addLast(new ReadTimeoutHandler(TCP_IDLE_SECONDS))
                .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE + 2, 0, 2, 0, 2))
                .addLast(new LengthFieldPrepender(2))
                .addLast(new Conversation());
        channel.read();
    }

    /** Questions of one connection. Reads on when all that was read is answered. */
    private final class Conversation extends SimpleChannelInboundHandler<ByteBuf> {

        private int waiting;
        private boolean inputEnded;

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            byte[] query = new byte[message.readableBytes()];
            message.readBytes(query);
            waiting++;
            boolean taken =
                    resolve(
                            ByteBuffer.wrap(query),
                            true,
                            answer -> context.executor().execute(() -> answered(context, answer)));
            if (!taken) {
                context.close();
            }
        }

        private void answered(ChannelHandlerContext context, ByteBuffer answer) {
            waiting--;
            context.writeAndFlush(Unpooled.wrappedBuffer(answer));
            readOn(context);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            readOn(context);
        }

        private void readOn(ChannelHandlerContext context) {
            if (waiting == 0 && inputEnded) {
                context.close();
            } else if (waiting == 0) {
                context.read();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded = true;
                readOn(context);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
