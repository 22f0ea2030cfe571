package tp.sandbox.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import tp.spi.common.TpException;

/** The sockets that the API server listens on. */
final class Listener implements AutoCloseable {

    /** What a real API server takes. */
    private static final int MAX_BODY = 3 << 20;

    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_CHUNK = 64 << 10;
    private static final int BACKLOG = 1_024;

    /** High enough to keep a TLS connection busy, low enough that back-pressure is felt soon. */
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(256 << 10, 512 << 10);

    private final EventLoopGroup loops;
    private final List<Channel> channels = new ArrayList<>();

    private Listener(EventLoopGroup loops) {
        this.loops = loops;
    }

    static Listener start(
            List<InetSocketAddress> addresses,
            Authority.Identity identity,
            X509Certificate issuer,
            Consumer<Exchange> server) {
        Listener listener =
                new Listener(
                        new MultiThreadIoEventLoopGroup(
                                0,
                                new DefaultThreadFactory("api", true),
                                NioIoHandler.newFactory()));
        try {
            SslContext tls =
                    SslContextBuilder.forServer(identity.key(), identity.certificate())
                            // The authenticator looks at the certificate, so that the answer to a
                            // wrong one is 401 and not a broken connection.
                            .trustManager(new Unverified(issuer))
                            .clientAuth(ClientAuth.OPTIONAL)
                            .build();
            for (InetSocketAddress address : addresses) {
                listener.channels.add(listener.bind(address, tls, server));
            }
        } catch (SSLException e) {
            listener.close();
            throw new IllegalStateException("the API server cannot speak TLS", e);
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    private Channel bind(InetSocketAddress address, SslContext tls, Consumer<Exchange> server) {
        var bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(tls.newHandler(channel.alloc()))
                                                .addLast(
                                                        new HttpServerCodec(
                                                                MAX_LINE, MAX_LINE, MAX_CHUNK))
                                                .addLast(new HttpObjectAggregator(MAX_BODY))
                                                .addLast(new Connection(channel, server));
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw TpException.environment(
                    "the API server cannot listen on %s: %s".formatted(address, bound.cause()),
                    "is a sandbox running already?");
        }
        return bound.channel();
    }

    List<InetSocketAddress> addresses() {
        return channels.stream()
                .map(channel -> (InetSocketAddress) channel.localAddress())
                .toList();
    }

    @Override
    public void close() {
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
