package tp.transport.grpc;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import tp.spi.transport.EndBeforeReset;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ListenerPort;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.Sockets;

/** Takes gRPC calls in the manager, over its own TLS or in the clear from a proxy. */
public final class GrpcListenerProvider implements ListenerProvider {

    private static final ListenerPort PORT = new ListenerPort("grpc", 8444, false);

    @Override
    public String id() {
        return GrpcProvider.ID;
    }

    @Override
    public ListenerPort port() {
        return PORT;
    }

    @Override
    public Listener listen(ListenerContext context) throws IOException {
        Strangers strangers = new Strangers(context);
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(context.loops())
                        .channel(Sockets.of(context.loops()).listener())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        EndBeforeReset.HANDLER,
                                                        new Incoming(strangers, channel));
                                    }
                                })
                        .bind(context.bind())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "no TCP port "
                            + context.bind().getPort()
                            + ": "
                            + Sockets.reason(bound.cause()),
                    bound.cause());
        }
        return new OnSocket(bound.channel());
    }

    private record OnSocket(Channel socket) implements Listener {

        @Override
        public InetSocketAddress address() {
            return (InetSocketAddress) socket.localAddress();
        }

        @Override
        public void close() {
            socket.close().awaitUninterruptibly(2_000);
        }
    }
}
