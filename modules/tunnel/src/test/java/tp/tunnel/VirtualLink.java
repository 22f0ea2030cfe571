package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamLink;

/**
 * A link in virtual time, which can be cut, stand still, or be lost without a word. Of one kind are
 * those with streams of their own, as QUIC and gRPC; of the other those that are one pipe, which
 * the core lays with HTTP/2 (without TLS here).
 */
final class VirtualLink {

    private static final SocketAddress SOMEWHERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1_234);

    private final VirtualWorld world;
    private final VirtualPath up;
    private final VirtualPath down;
    private final StreamLink client;
    private final Runnable endClient;
    private final Runnable endServer;
    private long serverEndedNs = Long.MAX_VALUE;

    private VirtualLink(VirtualWorld world, SessionServer server, boolean streams) {
        this.world = world;
        up = new VirtualPath(world, streams);
        down = new VirtualPath(world, streams);
        EventLoop near = world.laptop.next();
        EventLoop far = world.manager.next();
        if (streams) {
            End nearEnd = new End(near, up);
            End farEnd = new End(far, down);
            nearEnd.peer = farEnd;
            farEnd.peer = nearEnd;
            up.opener(farEnd::openedByPeer);
            down.opener(nearEnd::openedByPeer);
            client = nearEnd;
            endClient = () -> nearEnd.end(Optional.of(new IOException("cut")));
            endServer = () -> farEnd.end(Optional.of(new IOException("cut")));
            far.execute(() -> server.accepted(farEnd, SOMEWHERE));
        } else {
            VirtualStream nearEnd = new VirtualStream(world, up, true);
            VirtualStream farEnd = new VirtualStream(world, down, true);
            nearEnd.to(farEnd);
            farEnd.to(nearEnd);
            client = Http2Link.client(nearEnd);
            StreamLink accepted = Http2Link.server(farEnd);
            near.register(nearEnd);
            far.register(farEnd);
            endClient = nearEnd::close;
            endServer = farEnd::close;
            farEnd.closeFuture().addListener(closed -> serverEndedNs = world.nowNs());
            far.execute(() -> server.accepted(accepted, SOMEWHERE));
        }
    }

    static VirtualLink withStreams(VirtualWorld world, SessionServer server) {
        return new VirtualLink(world, server, true);
    }

    static VirtualLink ofOnePipe(VirtualWorld world, SessionServer server) {
        return new VirtualLink(world, server, false);
    }

    StreamLink client() {
        return client;
    }

    /** {@return since when the manager is without it, or the end of all time} */
    long serverEndedNs() {
        return serverEndedNs;
    }

    /** Both ends are told, at their time. */
    void cut() {
        lose();
        world.later(world.between(0, 300_000_000), () -> client.loop().execute(endClient));
        world.later(world.between(0, 300_000_000), endServer);
    }

    /** Nobody is told. */
    void lose() {
        up.lose();
        down.lose();
    }

    /** What the laptop says is not heard any more, and nobody is told. */
    void loseUp() {
        up.lose();
    }

    /** In one direction, and nobody is told. */
    void loseOneWay() {
        (world.oneIn(2) ? up : down).lose();
    }

    void standBothWays(long ms) {
        up.stand(ms);
        down.stand(ms);
    }

    void stand(long ms) {
        int which = world.random.nextInt(3);
        if (which != 0) {
            up.stand(ms);
        }
        if (which != 1) {
            down.stand(ms);
        }
    }

    /** One end of a link with streams of its own. */
    private final class End implements StreamLink {

        private final EventLoop loop;
        private final VirtualPath out;
        private final Set<VirtualStream> streams = new LinkedHashSet<>();
        private @Nullable End peer;
        private @Nullable LinkEvents events;
        private boolean ended;

        End(EventLoop loop, VirtualPath out) {
            this.loop = loop;
            this.out = out;
        }

        @Override
        public EventLoop loop() {
            return loop;
        }

        @Override
        public SocketAddress remoteAddress() {
            return SOMEWHERE;
        }

        @Override
        public void start(LinkEvents listener) {
            events = listener;
            if (ended) {
                listener.closed(Optional.empty());
            }
        }

        @Override
        public Future<Channel> openStream(ChannelHandler handler) {
            Promise<Channel> opened = loop.newPromise();
            if (loop.inEventLoop()) {
                open(handler, opened);
            } else {
                loop.execute(() -> open(handler, opened));
            }
            return opened;
        }

        private void open(ChannelHandler handler, Promise<Channel> opened) {
            if (ended) {
                opened.setFailure(new IOException("the link is closed"));
                return;
            }
            VirtualStream stream = made();
            stream.pipeline().addLast(handler);
            loop.register(stream);
            opened.setSuccess(stream);
        }

        private VirtualStream made() {
            VirtualStream stream = new VirtualStream(world, out, false);
            streams.add(stream);
            stream.closeFuture().addListener(closed -> streams.remove(stream));
            return stream;
        }

        @Nullable VirtualStream openedByPeer(VirtualStream near) {
            if (ended) {
                return null;
            }
            VirtualStream stream = made();
            stream.to(near);
            near.to(stream);
            loop.register(stream); // its events come after this
            loop.execute(() -> opened(stream));
            return stream;
        }

        private void opened(VirtualStream stream) {
            LinkEvents to = events;
            if (ended || to == null) {
                stream.close();
            } else {
                to.opened(stream);
            }
        }

        @Override
        public int maxDatagramBytes() {
            return 0;
        }

        @Override
        public boolean sendDatagram(ByteBuf datagram) {
            datagram.release();
            return false;
        }

        @Override
        public void close() {
            if (loop.inEventLoop()) {
                closeNow();
            } else {
                loop.execute(this::closeNow);
            }
        }

        private void closeNow() {
            End far = peer;
            if (!ended && far != null && !out.isLost()) {
                world.later(
                        world.between(0, 50_000_000),
                        () -> far.loop.execute(() -> far.end(Optional.empty())));
            }
            end(Optional.empty());
        }

        void end(Optional<Throwable> cause) {
            if (!loop.inEventLoop()) {
                loop.execute(() -> end(cause));
                return;
            }
            if (ended) {
                return;
            }
            ended = true;
            out.shut();
            if (out.equals(down)) {
                serverEndedNs = world.nowNs();
            }
            LinkEvents to = events;
            boolean first = world.oneIn(2);
            if (to != null && first) {
                to.closed(cause);
            }
            List.copyOf(streams).forEach(Channel::close);
            if (to != null && !first) {
                to.closed(cause);
            }
        }
    }
}
