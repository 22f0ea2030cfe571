package tp.transport.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.testkit.Loops;
import tp.testkit.TestIdentity;

/** The manager's half alone: pipes echo, and who is refused is remembered. */
final class Manager implements LinkAcceptor, AutoCloseable {

    static final TestIdentity IDENTITY = TestIdentity.create();

    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final Listener listener;

    Manager() throws Exception {
        listener = listen(this);
    }

    /** Listens for whatever acceptor. */
    static Listener listen(LinkAcceptor acceptor) throws Exception {
        return new GrpcListenerProvider()
                .listen(
                        new ListenerContext(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                IDENTITY.key(),
                                IDENTITY.certificate(),
                                Loops.SHARED,
                                acceptor));
    }

    InetSocketAddress address() {
        return listener.address();
    }

    List<String> refusals() {
        return refusals;
    }

    @Override
    public void accepted(Link link, SocketAddress peer) {
        if (link instanceof ChannelLink pipe) {
            Channel channel = pipe.bytes();
            channel.pipeline().addLast(new Echo());
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void refused(SocketAddress peer, String reason) {
        refusals.add(reason);
    }

    @Override
    public void close() {
        listener.close();
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(bytes);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
