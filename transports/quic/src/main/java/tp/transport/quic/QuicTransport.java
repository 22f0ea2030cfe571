package tp.transport.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.Race;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;

/** Connects to the first of the manager's addresses that answers. */
final class QuicTransport implements Transport {

    /** A path that eats UDP says nothing. */
    private static final long HANDSHAKE_MS = 3_000;

    /** Only single datagrams come on streams of the manager's. */
    private static final long MANAGERS_STREAMS = 256;

    /**
     * CUBIC takes every lost packet for congestion, and all streams of a connection share its
     * window: where packets are lost, small requests would wait for a download.
     */
    private static final int PARALLEL_LINKS = 4;

    private final TransportContext context;
    private final Object lock = new Object();
    private final Set<Channel> open = new HashSet<>(); // guarded by lock
    private boolean closed; // guarded by lock
    private volatile Optional<Endpoint> reached = Optional.empty();

    QuicTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public Link open() throws IOException {
        List<Endpoint> endpoints = context.endpoints(QuicProvider.ID);
        if (endpoints.isEmpty()) {
            throw new IOException("no address of the manager for QUIC is known");
        }
        record Reached(QuicLink link, Endpoint at) {}
        Reached first =
                Race.first(
                        endpoints,
                        one -> new Reached(connect(address(one.address())), one),
                        late -> late.link().close());
        reached = Optional.of(first.at());
        return first.link();
    }

    @Override
    public int parallelLinks() {
        return PARALLEL_LINKS;
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return reached;
    }

    private static InetSocketAddress address(URI endpoint) throws IOException {
        String host = endpoint.getHost();
        int port = endpoint.getPort();
        if (host == null || port < 1) {
            throw new IOException(endpoint + " names no host and port, as quic://HOST:PORT does");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IOException("the host " + host + " is not known", e);
        }
    }

    private QuicLink connect(InetSocketAddress manager) throws IOException {
        QuicLink link = new QuicLink();
        MovingClient moving = new MovingClient(manager);
        Channel socket =
                QuicSockets.bind(
                        loop(),
                        new InetSocketAddress(0),
                        moving,
                        Segments.watch(),
                        codec(context.pin()));
        remember(socket);
        Future<QuicChannel> connecting =
                QuicChannel.newBootstrap(socket)
                        .option(
                                QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                                Segments.over(socket))
                        .handler(link)
                        .streamHandler(QuicSettings.incoming(link, moving))
                        .remoteAddress(manager)
                        .connect();
        if (connecting.awaitUninterruptibly(HANDSHAKE_MS) && connecting.isSuccess()) {
            QuicChannel connection = connecting.getNow();
            link.connected(connection);
            connection.closeFuture().addListener(done -> socket.close());
            return link;
        }
        // What failed, before closing the socket makes it fail in another way.
        Throwable cause = connecting.cause();
        socket.close();
        throw failure(manager, cause);
    }

    /** One loop for socket and connection. */
    private EventLoop loop() {
        return context.loops().next();
    }

    private void remember(Channel socket) throws IOException {
        boolean late;
        synchronized (lock) {
            late = closed;
            open.add(socket);
        }
        socket.closeFuture().addListener(done -> forget(socket));
        if (late) {
            socket.close();
            throw new IOException("the transport is closed");
        }
    }

    private void forget(Channel socket) {
        synchronized (lock) {
            open.remove(socket);
        }
    }

    private static ChannelHandler codec(ServerPin pin) {
        QuicSslContext tls =
                QuicSslContextBuilder.forClient()
                        .trustManager(pin.trustManager())
                        .endpointIdentificationAlgorithm("")
                        .applicationProtocols(QuicSettings.APPLICATION_PROTOCOL)
                        .build();
        return QuicSettings.apply(new QuicClientCodecBuilder().sslContext(tls), MANAGERS_STREAMS)
                .initialMaxStreamsUnidirectional(1)
                .initialMaxStreamDataUnidirectional(AddressProof.SECRET_BYTES)
                .build();
    }

    private static IOException failure(InetSocketAddress manager, @Nullable Throwable cause) {
        String where = manager.getAddress().getHostAddress() + " port " + manager.getPort();
        if (cause == null || cause instanceof ConnectTimeoutException) {
            return new IOException(
                    "no answer to UDP packets of 1,200 bytes from "
                            + where
                            + " within "
                            + TimeUnit.MILLISECONDS.toSeconds(HANDSHAKE_MS)
                            + " s",
                    cause);
        }
        if (ServerPin.isWrongKey(cause)) {
            return new IOException(where + " has another key than the manager's", cause);
        }
        return new IOException("no QUIC connection to " + where + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        List<Channel> sockets;
        synchronized (lock) {
            closed = true;
            sockets = List.copyOf(open);
        }
        sockets.forEach(Channel::close);
    }
}
