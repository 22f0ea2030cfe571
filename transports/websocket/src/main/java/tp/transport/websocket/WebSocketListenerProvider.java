package tp.transport.websocket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import tp.spi.transport.EndBeforeReset;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ListenerPort;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.Sockets;

/**
 * Takes websockets in the manager, with TLS or without on the same port: the API server wants it,
 * an ingress mostly does not, and neither matters for what is inside.
 */
public final class WebSocketListenerProvider implements ListenerProvider {

    private static final ListenerPort PORT = new ListenerPort("websocket", 8445, false);

    @Override
    public String id() {
        return WebSocketProvider.ID;
    }

    @Override
    public ListenerPort port() {
        return PORT;
    }

    @Override
    public URI endpoint(String host, int exposedPort) {
        String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return URI.create("wss://" + literal + ":" + exposedPort + WebSocketSettings.PATH);
    }

    @Override
    public Listener listen(ListenerContext context) throws IOException {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(context.loops())
                        .channel(Sockets.of(context.loops()).listener())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(new Accept(context, tls(context)))
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
        return new OnPort(bound.channel());
    }

    /**
     * Who comes with another application protocol in mind meant another of the manager's ports,
     * which have the same key.
     */
    private static SslContext tls(ListenerContext context) throws IOException {
        return SslContextBuilder.forServer(context.key(), context.certificate())
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                ApplicationProtocolConfig.Protocol.ALPN,
                                ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
                                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    private record OnPort(Channel socket) implements Listener {

        @Override
        public InetSocketAddress address() {
            return (InetSocketAddress) socket.localAddress();
        }

        @Override
        public void close() {
            socket.close().awaitUninterruptibly();
        }
    }

    private static final class Accept extends ChannelInitializer<SocketChannel> {

        /** Connections that are no websockets yet; each is one for ten seconds at most. */
        private static final int MAX_STRANGERS = 256;

        private final ListenerContext context;
        private final SslContext tls;
        private final AtomicInteger strangers = new AtomicInteger();

        Accept(ListenerContext context, SslContext tls) {
            this.context = context;
            this.tls = tls;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(EndBeforeReset.HANDLER);
            if (strangers.incrementAndGet() > MAX_STRANGERS) {
                strangers.decrementAndGet();
                context.acceptor().refused(channel.remoteAddress(), "too many handshakes at once");
                channel.close();
                return;
            }
            channel.pipeline()
                    .addLast(
                            new OptionalSslHandler(tls),
                            new HttpServerCodec(
                                    WebSocketSettings.MAX_LINE_BYTES,
                                    WebSocketSettings.MAX_HEADER_BYTES,
                                    WebSocketSettings.MAX_CHUNK_BYTES),
                            new Upgrade(context.acceptor(), strangers::decrementAndGet));
        }
    }
}
