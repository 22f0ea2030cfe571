package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.StreamEnd;

/**
 * One end of an ordered stream of bytes over a {@link VirtualPath}: that of a link with streams of
 * its own, or the one pipe of a link.
 */
final class VirtualStream extends AbstractChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final int MOST_AT_ONCE = 16 * 1024;
    private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("virtual", 0);

    private final VirtualWorld world;
    private final DefaultChannelConfig config = new DefaultChannelConfig(this);
    private final VirtualPath path;
    private final boolean pipe;
    private final VirtualPath.Lane lane;
    private final Queue<Object> arrived = new ArrayDeque<>();
    private boolean open = true;
    private boolean active;
    private boolean outputEnded;
    private boolean inputEnded;
    private @Nullable VirtualStream peer;

    /**
     * @param pipe whether it is all of a link, so that its end is that of both directions
     */
    VirtualStream(VirtualWorld world, VirtualPath path, boolean pipe) {
        super(null);
        this.world = world;
        this.pipe = pipe;
        this.path = path;
        lane = path.lane(this);
        config.setAllocator(world.buffers);
    }

    /** What this one sends comes there. */
    void to(VirtualStream far) {
        peer = far;
    }

    @Nullable VirtualStream peer() {
        return peer;
    }

    // ---- what comes

    /** Bytes, or the end of them, or that the peer has closed; not on the loop. */
    void arrive(Object what) {
        arrived.add(what);
        eventLoop().execute(this::readable);
    }

    private void readable() {
        boolean some = false;
        for (Object next = arrived.poll(); next != null && open; next = arrived.poll()) {
            if (next instanceof byte[] bytes) {
                pipeline().fireChannelRead(alloc().buffer(bytes.length).writeBytes(bytes));
                some = !world.oneIn(4);
                if (!some) {
                    pipeline().fireChannelReadComplete();
                }
            } else {
                if (some) {
                    pipeline().fireChannelReadComplete();
                }
                some = false;
                ended(next.equals(VirtualPath.CLOSED) && (pipe || world.oneIn(2)));
            }
        }
        if (some && open) {
            pipeline().fireChannelReadComplete();
        }
    }

    private void ended(boolean broken) {
        if (broken) {
            close();
            return;
        }
        inputEnded = true;
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        closeIfEnded();
    }

    private void closeIfEnded() {
        if (inputEnded && outputEnded) {
            eventLoop().execute(this::close);
        }
    }

    // ---- what goes

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (Object message = out.current(); message != null; message = out.current()) {
            if (message instanceof ByteBuf bytes && !outputEnded) {
                if (!path.hasRoom()) {
                    path.await(this);
                    return;
                }
                send(bytes);
            } else if (message instanceof StreamEnd && !outputEnded) {
                outputEnded = true;
                path.carry(lane, VirtualPath.END, 1);
                closeIfEnded();
            }
            out.remove();
        }
    }

    private void send(ByteBuf bytes) {
        while (bytes.isReadable()) {
            int most = Math.min(MOST_AT_ONCE, bytes.readableBytes());
            byte[] part = new byte[world.oneIn(10) ? 1 + world.random.nextInt(most) : most];
            bytes.readBytes(part);
            path.carry(lane, part, part.length);
        }
    }

    /** There is room on the path again; not on the loop. */
    void writable() {
        eventLoop().execute(() -> ((StreamUnsafe) unsafe()).flushAgain());
    }

    // ---- the channel

    @Override
    protected void doRegister(ChannelPromise promise) {
        active = open;
        promise.setSuccess();
    }

    @Override
    protected void doClose() {
        open = false;
        active = false;
        arrived.clear();
        path.close(lane, outputEnded && inputEnded);
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new StreamUnsafe();
    }

    private final class StreamUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException());
        }

        void flushAgain() {
            flush0();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doBeginRead() {}

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected SocketAddress localAddress0() {
        return NOWHERE;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return NOWHERE;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
