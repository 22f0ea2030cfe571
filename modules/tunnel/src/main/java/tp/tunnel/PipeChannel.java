package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * A transport's blocking byte channel as a Netty channel, so that TLS and HTTP/2 run over any
 * plug-in.
 *
 * <p>One virtual thread reads and one writes. Bounded both ways: at most {@value #READS_IN_FLIGHT}
 * buffers are read ahead of the event loop, and one batch is with the writer; everything else waits
 * in Netty's outbound buffer, whose watermarks are the back-pressure.
 */
final class PipeChannel extends AbstractChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("pipe", 0);
    private static final int READS_IN_FLIGHT = 4;
    private static final int BUFFER_BYTES = 128 * 1024;

    /**
     * For what was flushed before the close, an alert or a goodbye: a stalled peer gets no more.
     */
    private static final Duration LAST_WRITE = Duration.ofSeconds(1);

    private final ByteChannel pipe;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Semaphore reads = new Semaphore(READS_IN_FLIGHT);

    /** Read and not yet delivered. Apart from the loop's tasks, which a loop that ends forgets. */
    private final Queue<ByteBuf> received = new ConcurrentLinkedQueue<>();

    /** One batch, and an empty one at the close. */
    private final BlockingQueue<ByteBuffer> toWriter = new ArrayBlockingQueue<>(2);

    private final ByteBuffer batch = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** One object, by which the loop knows it again. */
    private final Runnable closing = this::closeForGood;

    private final Thread writer = Thread.ofVirtual().name("tp-pipe-writer").unstarted(this::write);
    private final Thread closer =
            Thread.ofVirtual().name("tp-pipe-closer").unstarted(this::closePipe);
    private boolean writing;
    private volatile boolean open = true;
    private volatile boolean active;

    PipeChannel(ByteChannel pipe) {
        super(null);
        this.pipe = pipe;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        active = true;
        // A loop closes by itself only the channels of its selector when it ends.
        if (eventLoop() instanceof SingleThreadEventExecutor loop) {
            loop.addShutdownHook(closing);
        }
        Thread.ofVirtual().name("tp-pipe-reader").start(this::readLoop);
        writer.start();
        promise.setSuccess();
    }

    private void readLoop() {
        try {
            while (open) {
                reads.acquire();
                ByteBuf buffer = alloc().directBuffer(BUFFER_BYTES);
                int length = readInto(buffer);
                if (length < 0) {
                    buffer.release();
                    break;
                }
                received.add(buffer);
                onLoop(this::deliver);
            }
            onLoop(this::closeNow);
        } catch (IOException e) {
            onLoop(() -> fail(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!open || eventLoop().isShuttingDown()) {
                releaseReceived();
            }
        }
    }

    private void releaseReceived() {
        for (ByteBuf buffer = received.poll(); buffer != null; buffer = received.poll()) {
            buffer.release();
        }
    }

    /** A loop that was shut down closed this channel before. */
    private void onLoop(Runnable task) {
        try {
            eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            open = false;
        }
    }

    private int readInto(ByteBuf buffer) throws IOException {
        ByteBuffer space = buffer.internalNioBuffer(buffer.writerIndex(), buffer.writableBytes());
        try {
            int length = pipe.read(space);
            if (length > 0) {
                buffer.writerIndex(buffer.writerIndex() + length);
            }
            return length;
        } catch (IOException | RuntimeException e) {
            buffer.release();
            throw e;
        }
    }

    private void deliver() {
        reads.release();
        ByteBuf buffer = received.poll();
        if (buffer == null) {
            return;
        }
        if (!open) {
            buffer.release();
            return;
        }
        pipeline().fireChannelRead(buffer);
        pipeline().fireChannelReadComplete();
    }

    private void fail(Throwable cause) {
        if (open) {
            pipeline().fireExceptionCaught(cause);
            closeNow();
        }
    }

    private void closeNow() {
        unsafe().close(unsafe().voidPromise());
    }

    private void write() {
        try {
            ByteBuffer next = toWriter.take();
            // A batch may be empty before the close too: where all buffers of a flush are.
            while (open || next.hasRemaining()) {
                while (next.hasRemaining()) {
                    pipe.write(next);
                }
                onLoop(this::written);
                next = toWriter.take();
            }
        } catch (IOException e) {
            onLoop(() -> fail(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void written() {
        writing = false;
        ((PipeUnsafe) unsafe()).flushAgain();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        if (writing || in.isEmpty()) {
            return;
        }
        batch.clear();
        while (batch.hasRemaining() && in.current() instanceof ByteBuf message) {
            int length = Math.min(message.readableBytes(), batch.remaining());
            ByteBuffer space = batch.slice(batch.position(), length);
            message.getBytes(message.readerIndex(), space);
            batch.position(batch.position() + length);
            in.removeBytes(length);
        }
        batch.flip();
        writing = true;
        toWriter.add(batch);
    }

    @Override
    protected void doClose() throws IOException {
        open = false;
        active = false;
        reads.release();
        releaseReceived();
        toWriter.offer(ByteBuffer.allocate(0));
        if (writing) {
            closer.start();
        } else {
            pipe.close();
            forgetLoop();
        }
    }

    /** The writer's batch first: what was flushed before a close is sent. */
    private void closePipe() {
        try {
            writer.join(LAST_WRITE);
            pipe.close();
        } catch (IOException e) {
            // It is given up either way.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        forgetLoop();
    }

    private void forgetLoop() {
        if (eventLoop() instanceof SingleThreadEventExecutor loop && !loop.isShuttingDown()) {
            onLoop(() -> loop.removeShutdownHook(closing));
        }
    }

    /** On a loop that ends, and the process perhaps with it. */
    private void closeForGood() {
        closeNow();
        if (closer.getState() != Thread.State.NEW) {
            try {
                closer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new PipeUnsafe();
    }

    private final class PipeUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("a pipe is connected already"));
        }

        void flushAgain() {
            flush0();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    /** Reading needs no request: the reader is held by {@link #reads} alone. */
    @Override
    protected void doBeginRead() {}

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() throws IOException {
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
