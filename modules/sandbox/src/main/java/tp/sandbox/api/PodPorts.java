package tp.sandbox.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;

/** The ports of one pod, as sockets on the event loop of the client that wants them. */
final class PodPorts {

    /** With its header it fits the 64 KiB that clients take for one websocket frame. */
    private static final int READ_BYTES = 65_520;

    private final PodAccess access;
    private final ObjectNode pod;

    PodPorts(PodAccess access, ObjectNode pod) {
        this.access = access;
        this.pod = pod;
    }

    /**
     * Hears of one connection, on the event loop. After the end of it only a change of writability
     * follows.
     */
    interface Events {

        /** The connection is there; it is read from once its {@code autoRead} is on. */
        void connected(Channel socket);

        /**
         * @param data the receiver's
         */
        void data(ByteBuf data);

        /** All that was there to read has been read. */
        void batchEnded();

        /** The pod takes more, or takes no more for now. Also after the end. */
        void writabilityChanged();

        /** The pod has ended its direction. */
        void ended();

        /** There is no connection, or no longer. */
        void failed(String why);
    }

    /** Connects without keeping anybody waiting. */
    void connect(EventLoop loop, int port, Events events) {
        Thread.ofVirtual()
                .name("port-forward " + port)
                .start(
                        () -> {
                            try {
                                SocketChannel socket = access.connect(pod, port);
                                loop.execute(() -> register(loop, socket, events));
                            } catch (IOException e) {
                                String why = refusal(port, e);
                                loop.execute(() -> events.failed(why));
                            }
                        });
    }

    /** The words of a kubelet on containerd, without what only it can know. */
    private String refusal(int port, IOException e) {
        String message = String.valueOf(e.getMessage());
        String cause =
                message.toLowerCase(java.util.Locale.ROOT).contains("refused")
                        ? "connection refused"
                        : message;
        return "error forwarding port %d to pod %s, uid : failed to connect to localhost:%d inside namespace \"%s\", IPv4: dial tcp4 127.0.0.1:%d: connect: %s"
                .formatted(port, Meta.uid(pod), port, Meta.name(pod), port, cause);
    }

    private static void register(EventLoop loop, SocketChannel connected, Events events) {
        NioSocketChannel socket;
        try {
            socket = new NioSocketChannel(connected);
        } catch (RuntimeException e) {
            events.failed(String.valueOf(e.getMessage()));
            return;
        }
        socket.config()
                .setAutoRead(false)
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
        socket.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        socket.config().setOption(ChannelOption.TCP_NODELAY, true);
        socket.pipeline().addLast(new Reader(events));
        loop.register(socket)
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                events.connected(socket);
                            } else {
                                events.failed(String.valueOf(done.cause()));
                            }
                        });
    }

    private static final class Reader extends ChannelInboundHandlerAdapter {

        private final Events events;
        private boolean isOver;

        Reader(Events events) {
            this.events = events;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            events.data((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            events.batchEnded();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            events.writabilityChanged();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !isOver) {
                isOver = true;
                events.ended();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!isOver) {
                isOver = true;
                events.failed(String.valueOf(cause.getMessage()));
            }
            Outbound.close(context);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!isOver) {
                isOver = true;
                events.ended();
            }
            events.writabilityChanged();
        }
    }
}
