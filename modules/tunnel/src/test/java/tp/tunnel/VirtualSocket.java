package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection within one machine, of which one end is a channel and the other a {@link Program}
 * behind the kernel: bounded buffers, half-close, reset, SO_LINGER; and a channel that leaves its
 * event loop has to ask anew for reading and for room.
 */
final class VirtualSocket extends AbstractChannel implements SocketChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 1);

    /** Who knows what connects to an address: says so by {@link #connected} or {@link #refused}. */
    private final BiConsumer<VirtualSocket, InetSocketAddress> network;

    private final VirtualWorld world;
    private final SocketChannelConfig config;
    private final KernelBuffer toProgram;
    private final KernelBuffer fromProgram;

    /** Epoll tells of a reset whatever is asked for, the JDK's sockets only who reads or writes. */
    private final boolean resetIsTold;

    private @Nullable Program program;
    private @Nullable ChannelPromise connecting;
    private boolean open = true;
    private boolean active;
    private boolean readWanted;
    private boolean writeWanted;
    private boolean inputShut;
    private boolean outputShut;

    VirtualSocket(VirtualWorld world, BiConsumer<VirtualSocket, InetSocketAddress> network) {
        super(null);
        this.world = world;
        this.network = network;
        toProgram = new KernelBuffer((int) world.between(2_000, 64_000));
        fromProgram = new KernelBuffer((int) world.between(2_000, 200_000));
        resetIsTold = !world.oneIn(4);
        try {
            config = new Config(this);
        } catch (SocketException e) {
            throw new IllegalStateException(e);
        }
        config.setAllocator(world.buffers);
    }

    /** Without a socket below. */
    private static final class Config extends DefaultSocketChannelConfig {
        private int linger = -1;

        Config(SocketChannel channel) throws SocketException {
            super(channel, new NoSocket());
        }

        @Override
        public int getSoLinger() {
            return linger;
        }

        @Override
        public SocketChannelConfig setSoLinger(int seconds) {
            linger = seconds;
            return this;
        }
    }

    private static final class NoSocket extends Socket {
        NoSocket() throws SocketException {
            super((SocketImpl) null);
        }

        @Override
        public void setTcpNoDelay(boolean on) {}

        @Override
        public void setKeepAlive(boolean on) {}
    }

    // ---- the program's end; not on the loop

    /** Both ends are there. */
    void connected(Program with) {
        program = with;
        active = true;
        ChannelPromise asked = connecting;
        if (asked == null) {
            return;
        }
        eventLoop()
                .execute(
                        () -> {
                            if (asked.trySuccess()) {
                                pipeline().fireChannelActive();
                            } else {
                                close();
                            }
                        });
    }

    void refused() {
        ChannelPromise asked = connecting;
        if (asked != null) {
            eventLoop()
                    .execute(
                            () -> {
                                asked.tryFailure(
                                        new java.net.ConnectException("Connection refused"));
                                close();
                            });
        }
    }

    KernelBuffer fromProgram() {
        return fromProgram;
    }

    KernelBuffer toProgram() {
        return toProgram;
    }

    /** The program has written, ended, or reset. */
    void spoken() {
        if (isRegistered() && (readWanted || (fromProgram.isReset() && resetIsTold))) {
            eventLoop().execute(this::readNow);
        }
    }

    /** The program has taken something. */
    void taken() {
        if (writeWanted && isRegistered()) {
            writeWanted = false;
            eventLoop().execute(() -> ((SocketUnsafe) unsafe()).flushAgain());
        }
    }

    private void tellProgram() {
        Program to = program;
        if (to != null) {
            world.later(world.between(0, 1_000_000), to::act);
        }
    }

    // ---- the channel's end

    @Override
    protected void doBeginRead() {
        readWanted = true;
        if (fromProgram.hasNews()) {
            eventLoop().execute(this::readNow);
        }
    }

    private void readNow() {
        boolean told = fromProgram.isReset() && resetIsTold;
        if (!open || !isRegistered() || !eventLoop().inEventLoop() || !(readWanted || told)) {
            return;
        }
        if (fromProgram.bytes() > 0) {
            readWanted = false;
            int most = world.oneIn(3) ? (int) world.between(1, 3_000) : Flow.READ_BYTES;
            pipeline().fireChannelRead(alloc().buffer().writeBytes(fromProgram.take(most)));
            pipeline().fireChannelReadComplete();
            tellProgram();
            if (told) {
                eventLoop().execute(this::readNow);
            }
        } else if (fromProgram.isReset()) {
            readWanted = false;
            if (pipeline().first() != null) {
                pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
            }
            close();
        } else if (fromProgram.isEnded() && !inputShut) {
            inputShut = true;
            readWanted = false;
            pipeline().fireChannelReadComplete();
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws IOException {
        for (Object message = out.current(); message != null; message = out.current()) {
            if (fromProgram.isReset()) {
                throw new IOException("Broken pipe");
            }
            ByteBuf bytes = (ByteBuf) message;
            int length = Math.min(bytes.readableBytes(), toProgram.room());
            if (length == 0 && bytes.isReadable()) {
                writeWanted = true;
                return;
            }
            byte[] part = new byte[length];
            bytes.getBytes(bytes.readerIndex(), part);
            toProgram.put(part);
            out.removeBytes(length);
            if (length == 0) {
                out.remove();
            }
            tellProgram();
        }
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        promise.setSuccess();
        if (fromProgram.isReset() && resetIsTold) {
            eventLoop().execute(this::readNow);
        }
    }

    @Override
    protected void doDeregister() {
        readWanted = false;
        writeWanted = false;
    }

    @Override
    protected void doShutdownOutput() {
        outputShut = true;
        toProgram.end();
        tellProgram();
    }

    /** RFC 2525 §2.17: unread bytes make it a reset, as SO_LINGER 0 does. */
    @Override
    protected void doClose() {
        open = false;
        active = false;
        if (config.getSoLinger() == 0 || fromProgram.bytes() > 0) {
            toProgram.reset(world.oneIn(2));
            Program with = program;
            if (with != null) {
                with.resetToo();
            }
        } else {
            toProgram.end();
        }
        fromProgram.reset(true);
        tellProgram();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new SocketUnsafe();
    }

    private final class SocketUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            if (!promise.isDone() && ensureOpen(promise)) {
                connecting = promise;
                network.accept(VirtualSocket.this, (InetSocketAddress) remote);
            }
        }

        void flushAgain() {
            flush0();
        }
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            ((SocketUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            eventLoop().execute(() -> ((SocketUnsafe) unsafe()).shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut;
    }

    @Override
    public boolean isShutdown() {
        return inputShut && outputShut;
    }

    @Override
    public ChannelFuture shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return null;
    }

    @Override
    public @Nullable ServerSocketChannel parent() {
        return null;
    }

    @Override
    public SocketChannelConfig config() {
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
