package tp.daemon;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Sockets;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoListener;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/**
 * Stands for the tunnel: the far side is the loopback device. A few addresses have an outcome of
 * their own; the black hole has none.
 */
final class NearGateway implements FlowGateway {

    static final Map<String, DialOutcome> OUTCOMES =
            Map.of(
                    "10.96.0.11", DialOutcome.HOST_UNREACHABLE,
                    "10.96.0.12", DialOutcome.NETWORK_UNREACHABLE,
                    "10.96.0.13", DialOutcome.TIMED_OUT,
                    "10.96.0.14", DialOutcome.PROHIBITED,
                    "fd00:10:96:0:0:0:0:11", DialOutcome.HOST_UNREACHABLE);

    static final String BLACK_HOLE = "10.96.0.15";

    final AtomicInteger dials = new AtomicInteger();
    final AtomicInteger resets = new AtomicInteger();
    private final EventLoop loop;

    NearGateway(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        dials.incrementAndGet();
        Flow flow = new Flow();
        String host = target.getAddress().getHostAddress();
        DialOutcome known = OUTCOMES.get(host);
        if (known != null) {
            loop.execute(() -> listener.dialed(known, flow));
        } else if (!host.equals(BLACK_HOLE)) {
            connect(target, flow, listener);
        }
        return flow;
    }

    private void connect(InetSocketAddress target, Flow flow, DialListener listener) {
        new Bootstrap()
                .group(loop)
                .channel(Sockets.of(loop).connection())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.SO_LINGER, 0)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new InetSocketAddress(near(target), target.getPort()))
                .addListener(
                        (ChannelFutureListener)
                                done -> {
                                    if (!done.isSuccess()) {
                                        listener.dialed(DialOutcome.REFUSED, flow);
                                    } else if (flow.reset) {
                                        done.channel().close();
                                    } else {
                                        flow.far = (SocketChannel) done.channel();
                                        listener.dialed(DialOutcome.ESTABLISHED, flow);
                                    }
                                });
    }

    private static InetAddress near(InetSocketAddress target) {
        boolean ipv6 = target.getAddress().getAddress().length == 16;
        return InetAddress.ofLiteral(ipv6 ? "::1" : "127.0.0.1");
    }

    /** Two sockets that copy to each other, one buffer at a time. */
    private final class Flow implements TcpFlow {

        private @Nullable SocketChannel far;
        private boolean reset;

        @Override
        public void attach(SocketChannel accepted) {
            SocketChannel to = Objects.requireNonNull(far);
            accepted.config().setAllowHalfClosure(true);
            accepted.pipeline().addLast(new Copy(to));
            to.pipeline().addLast(new Copy(accepted));
            accepted.read();
            to.read();
        }

        @Override
        public void reset() {
            resets.incrementAndGet();
            loop.execute(
                    () -> {
                        reset = true;
                        if (far != null) {
                            far.close();
                        }
                    });
        }
    }

    private static final class Copy extends ChannelInboundHandlerAdapter {

        private final SocketChannel to;

        Copy(SocketChannel to) {
            this.to = to;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            to.writeAndFlush(bytes).addListener(done -> context.read());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                SocketChannel from = (SocketChannel) context.channel();
                to.shutdownOutput()
                        .addListener(
                                done -> {
                                    if (from.isOutputShutdown() && to.isInputShutdown()) {
                                        close(from, -1);
                                        close(to, -1);
                                    }
                                });
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            close((SocketChannel) context.channel(), 0);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (to.isActive()) {
                close(to, to.config().getSoLinger());
            }
        }

        private static void close(SocketChannel channel, int linger) {
            if (channel.isOpen()) {
                channel.config().setSoLinger(linger);
                channel.close();
            }
        }
    }

    @Override
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        NearUdp flow = new NearUdp(listener);
        new Bootstrap()
                .group(loop)
                .channel(Sockets.of(loop).datagrams())
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new io.netty.channel.FixedRecvByteBufAllocator(65_536))
                .handler(flow)
                .connect(new InetSocketAddress(near(target), target.getPort()))
                .addListener((ChannelFutureListener) done -> flow.opened(done.channel()));
        return flow;
    }

    /** Nobody is asked here. */
    @Override
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        throw new java.util.concurrent.RejectedExecutionException("no echoes");
    }

    private final class NearUdp extends SimpleChannelInboundHandler<DatagramPacket>
            implements UdpFlow {

        private final UdpListener listener;
        private final Deque<ByteBuf> early = new ArrayDeque<>();
        private @Nullable Channel far;
        private boolean closed;

        NearUdp(UdpListener listener) {
            this.listener = listener;
        }

        void opened(Channel channel) {
            if (closed) {
                channel.close();
                return;
            }
            far = channel;
            early.forEach(channel::writeAndFlush);
            early.clear();
        }

        @Override
        public boolean send(ByteBuffer payload) {
            ByteBuf copy = Unpooled.copiedBuffer(payload);
            loop.execute(
                    () -> {
                        if (far != null) {
                            far.writeAndFlush(copy);
                        } else {
                            early.add(copy);
                        }
                    });
            return true;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            listener.received(packet.content());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            listener.unreachable(DialOutcome.REFUSED);
        }

        @Override
        public void close() {
            loop.execute(
                    () -> {
                        closed = true;
                        if (far != null) {
                            far.close();
                        }
                    });
        }
    }
}
