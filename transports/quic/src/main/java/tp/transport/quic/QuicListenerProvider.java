package tp.transport.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ListenerPort;
import tp.spi.transport.ListenerProvider;

/** Takes QUIC connections in the manager; nobody gets any state before its address is proven. */
public final class QuicListenerProvider implements ListenerProvider {

    private static final ListenerPort PORT = new ListenerPort("quic", 8446, true);

    /** As many as flows in a session, and some. */
    private static final long CLIENTS_STREAMS = 16_384;

    @Override
    public String id() {
        return QuicProvider.ID;
    }

    @Override
    public ListenerPort port() {
        return PORT;
    }

    @Override
    public Listener listen(ListenerContext context) throws IOException {
        if (!Quic.isAvailable()) {
            throw new IOException(
                    "QUIC's native library does not load: " + Quic.unavailabilityCause(),
                    Quic.unavailabilityCause());
        }
        QuicSslContext tls =
                QuicSslContextBuilder.forServer(context.key(), null, context.certificate())
                        .applicationProtocols(QuicSettings.APPLICATION_PROTOCOL)
                        .build();
        MovedClients moved = new MovedClients(System::nanoTime);
        QuicServerCodecBuilder codec =
                QuicSettings.apply(new QuicServerCodecBuilder().sslContext(tls), CLIENTS_STREAMS)
                        .tokenHandler(new RetryToken(System::nanoTime))
                        .handler(new Accept(context, moved))
                        .streamHandler(new Incoming());
        Channel socket =
                QuicSockets.bind(
                        context.loops(), context.bind(), moved, Segments.watch(), codec.build());
        return new OnSocket(socket);
    }

    private record OnSocket(Channel socket) implements Listener {

        @Override
        public InetSocketAddress address() {
            return (InetSocketAddress) socket.localAddress();
        }

        /** The one socket carries the open connections too: they end here. */
        @Override
        public void close() {
            socket.close().awaitUninterruptibly(2_000);
        }
    }

    /** A connection whose handshake began; it is given on when that is done. */
    private static final class Accept extends ChannelInitializer<QuicChannel> {

        private final ListenerContext context;

        private final MovedClients moved;

        Accept(ListenerContext context, MovedClients moved) {
            this.context = context;
            this.moved = moved;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(QuicChannel connection) {
            QuicLink link = new QuicLink();
            link.connected(connection);
            connection.attr(QuicLink.KEY).set(link);
            connection
                    .config()
                    .setOption(
                            QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                            Segments.over(connection.parent()));
            connection
                    .pipeline()
                    .addLast(new Mobility(moved), new Established(context, link), link);
        }
    }

    private static final class Incoming extends ChannelInitializer<Channel> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel stream) {
            stream.parent().attr(QuicLink.KEY).get().opened(stream);
        }
    }
}
