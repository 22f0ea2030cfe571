package tp.transport.grpc;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.Race;
import tp.spi.transport.Sockets;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;

/** Connects to the first address that leads to the manager. */
final class GrpcTransport implements Transport {

    private static final int CONNECT_MS = 5_000;

    private static final long PATIENCE_MS = TimeUnit.SECONDS.toMillis(2 * Dialing.DEADLINE_SECONDS);

    private record Connected(Link link, Channel connection, Endpoint at) {}

    private final TransportContext context;
    private final Object lock = new Object();
    private final Set<Channel> open = new HashSet<>(); // guarded by lock
    private boolean closed; // guarded by lock
    private volatile Optional<Endpoint> reached = Optional.empty();

    GrpcTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public Link open() throws IOException {
        List<Endpoint> endpoints = context.endpoints(GrpcProvider.ID, GrpcProvider.PLAIN);
        if (endpoints.isEmpty()) {
            throw new IOException("no address of the manager for gRPC is known");
        }
        Connected first = Race.first(endpoints, this::connect, late -> late.connection().close());
        reached = Optional.of(first.at());
        return first.link();
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return reached;
    }

    private Connected connect(Endpoint endpoint) throws IOException {
        Target target = Target.of(endpoint.address());
        InetSocketAddress address = target.address();
        Dialing dialing = new Dialing(target, context.pin(), context.loops().next());
        ChannelFuture connecting =
                new Bootstrap()
                        .group(dialing.loop())
                        .channel(Sockets.of(dialing.loop()).connection())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(dialing);
                                    }
                                })
                        .connect(address);
        Channel connection = connecting.channel();
        remember(connection);
        connecting.addListener(tried -> dialing.connected(tried.cause()));
        Future<Link> made = dialing.made();
        // The deadline is the loop's; one that has ended keeps none.
        boolean done = made.awaitUninterruptibly(PATIENCE_MS);
        if (done && made.isSuccess()) {
            return new Connected(made.getNow(), connection, endpoint);
        }
        connection.close();
        throw failure(target, made.cause());
    }

    private static IOException failure(Target target, @Nullable Throwable cause) {
        String why = cause == null ? "was not asked" : Words.of(cause.getMessage());
        return new IOException(target + " " + why, cause);
    }

    private void remember(Channel connection) throws IOException {
        boolean late;
        synchronized (lock) {
            late = closed;
            open.add(connection);
        }
        connection.closeFuture().addListener(done -> forget(connection));
        if (late) {
            connection.close();
            throw new IOException("the transport is closed");
        }
    }

    private void forget(Channel connection) {
        synchronized (lock) {
            open.remove(connection);
        }
    }

    @Override
    public void close() {
        List<Channel> connections;
        synchronized (lock) {
            closed = true;
            connections = List.copyOf(open);
        }
        connections.forEach(Channel::close);
    }
}
