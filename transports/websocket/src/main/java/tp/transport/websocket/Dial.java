package tp.transport.websocket;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Sockets;

/** Opens a websocket to an address. */
final class Dial {

    private static final long DEADLINE_MS =
            TimeUnit.SECONDS.toMillis(WebSocketSettings.HANDSHAKE_SECONDS);

    private Dial() {}

    /**
     * {@return an open websocket as a channel of bytes} Blocks.
     *
     * @param channels gets the channel at once, to be able to close it
     * @throws IOException with one line that says what is at that place instead
     */
    static Channel open(Place place, EventLoopGroup loops, ChannelGroup channels)
            throws IOException {
        InetSocketAddress address = place.resolve();
        EventLoop loop = loops.next();
        Promise<Channel> made = loop.newPromise();
        ChannelFuture connecting =
                new Bootstrap()
                        .group(loop)
                        .channel(Sockets.of(loop).connection())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) DEADLINE_MS)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .handler(new Prepare(place, made, place.tls() ? tls() : null))
                        .connect(address);
        Channel channel = connecting.channel();
        channels.add(channel);
        connecting.addListener(
                connected -> {
                    if (!connected.isSuccess()) {
                        made.tryFailure(
                                new IOException(
                                        "no connection to "
                                                + place.shown()
                                                + ": "
                                                + Sockets.reason(connected.cause()),
                                        connected.cause()));
                    }
                });
        made.awaitUninterruptibly(DEADLINE_MS);
        made.tryFailure(silent(place, connecting.isSuccess()));
        if (made.isSuccess()) {
            return made.getNow();
        }
        channel.close();
        throw failure(made.cause());
    }

    private static IOException silent(Place place, boolean isConnected) {
        return new IOException(
                (isConnected
                                ? "what is at " + place.shown() + " said nothing within "
                                : "no connection to " + place.shown() + " within ")
                        + WebSocketSettings.HANDSHAKE_SECONDS
                        + " s");
    }

    private static IOException failure(@Nullable Throwable cause) {
        return cause instanceof IOException told
                ? told
                : new IOException(String.valueOf(cause), cause);
    }

    /** Any certificate will do: this TLS is for the carriage only (docs/adr/0009). */
    private static SslContext tls() throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm("")
                .build();
    }

    private static final class Prepare extends ChannelInitializer<SocketChannel> {

        private final Place place;
        private final Promise<Channel> made;
        private final @Nullable SslContext tls;

        Prepare(Place place, Promise<Channel> made, @Nullable SslContext tls) {
            this.place = place;
            this.made = made;
            this.tls = tls;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            SslContext context = tls;
            if (context != null) {
                // The host is for SNI, by which an ingress knows whose backend is meant.
                channel.pipeline()
                        .addLast(context.newHandler(channel.alloc(), place.host(), place.port()));
            }
            channel.pipeline()
                    .addLast(
                            new HttpClientCodec(
                                    WebSocketSettings.MAX_LINE_BYTES,
                                    WebSocketSettings.MAX_HEADER_BYTES,
                                    WebSocketSettings.MAX_CHUNK_BYTES),
                            new Answer(place, made));
        }
    }
}
