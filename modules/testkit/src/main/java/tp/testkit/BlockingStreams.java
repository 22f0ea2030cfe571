package tp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Link;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamEnd;
import tp.spi.transport.StreamLink;

/** Links of every shape as blocking byte streams, so that one contract tests them all. */
final class BlockingStreams {

    private static final byte FIRST = 0x5a;

    private BlockingStreams() {}

    /** {@return the one byte stream of a link, or a new stream of it; the link closes with it} */
    static ByteChannel of(Link link) throws IOException {
        return switch (link) {
            case ByteLink bytes -> bytes.bytes();
            case ChannelLink bytes -> new Blocking(bytes.bytes(), () -> bytes.bytes().close());
            case StreamLink streams -> stream(streams);
        };
    }

    private static ByteChannel stream(StreamLink link) throws IOException {
        link.loop().execute(() -> link.start(new Events(stream -> stream.channel.close())));
        Blocking blocking = new Blocking(link::close);
        Future<Channel> opening = link.openStream(blocking.handler()).awaitUninterruptibly();
        if (!opening.isSuccess()) {
            link.close();
            throw new IOException("no stream", opening.cause());
        }
        blocking.channel = opening.getNow();
        // The peer learns of a stream by its first byte.
        blocking.write(ByteBuffer.wrap(new byte[] {FIRST}));
        return blocking;
    }

    /** Gives every stream of a link that came in to the consumer; the far end of {@link #of}. */
    static void serve(Link link, Consumer<ByteChannel> streams) {
        switch (link) {
            case ByteLink bytes -> streams.accept(bytes.bytes());
            case ChannelLink bytes ->
                    streams.accept(new Blocking(bytes.bytes(), () -> bytes.bytes().close()));
            case StreamLink many ->
                    many.start(new Events(stream -> streams.accept(new WithoutFirst(stream))));
        }
    }

    /** Ends a stream in order, as its peer is to see it. */
    static void end(ByteChannel stream) throws IOException {
        if (stream instanceof WithoutFirst one) {
            one.stream.await(one.stream.channel.writeAndFlush(StreamEnd.STREAM_END));
        } else {
            stream.close();
        }
    }

    /** Ends a stream so that its peer sees that it broke. */
    static void breakDown(ByteChannel stream) throws IOException {
        if (stream instanceof Blocking blocking) {
            // A socket breaks by the first, what is a stream of something else by the second.
            blocking.channel.config().setOption(ChannelOption.SO_LINGER, 0);
            blocking.channel.eventLoop().execute(() -> blocking.channel.unsafe().closeForcibly());
        }
        stream.close();
    }

    /** A stream that came in, after the byte by which it was made known. */
    private static final class WithoutFirst implements ByteChannel {

        private final Blocking stream;
        private boolean seen; // the reader's

        WithoutFirst(Blocking stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (!seen) {
                ByteBuffer first = ByteBuffer.allocate(1);
                int count = stream.read(first);
                if (count < 0) {
                    return count;
                }
                if (first.get(0) != FIRST) {
                    throw new IOException("another first byte: " + first.get(0));
                }
                seen = true;
            }
            return stream.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return stream.write(source);
        }

        @Override
        public boolean isOpen() {
            return stream.isOpen();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    private record Events(Consumer<Blocking> streams) implements LinkEvents {

        @Override
        public void opened(Channel stream) {
            Blocking blocking = new Blocking(() -> {});
            blocking.channel = stream;
            stream.config().setAutoRead(false);
            stream.pipeline().addLast(blocking.handler());
            streams.accept(blocking);
        }

        @Override
        public void datagram(ByteBuf datagram) {
            datagram.release();
        }

        @Override
        public void closed(Optional<Throwable> cause) {}
    }

    /** Reads one message at a time, so that back-pressure is the channel's own. */
    private static final class Blocking implements ByteChannel {

        private final Runnable whenClosed;
        private final boolean ofStreams;
        private volatile Channel channel;

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final Deque<ByteBuf> incoming = new ArrayDeque<>(); // guarded by lock
        private boolean ended; // guarded by lock
        private boolean gone; // guarded by lock
        private boolean closed; // guarded by lock
        private @Nullable Throwable cause; // guarded by lock

        /** A stream; its channel is set before it is used. */
        @SuppressWarnings("NullAway.Init")
        Blocking(Runnable whenClosed) {
            this.whenClosed = whenClosed;
            ofStreams = true;
        }

        Blocking(Channel channel, Runnable whenClosed) {
            this.whenClosed = whenClosed;
            this.channel = channel;
            ofStreams = false;
            channel.pipeline().addLast(handler());
        }

        ChannelInboundHandlerAdapter handler() {
            return new FromChannel();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            lock.lock();
            try {
                while (true) {
                    checkOpen();
                    ByteBuf first = incoming.peek();
                    if (first != null) {
                        return take(first, target);
                    }
                    if (ended) {
                        return -1;
                    }
                    if (gone) {
                        throw new IOException("the stream broke", cause);
                    }
                    channel.read();
                    changed.awaitUninterruptibly();
                    if (closed) {
                        throw new AsynchronousCloseException();
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        private int take(ByteBuf first, ByteBuffer target) {
            int count = Math.min(first.readableBytes(), target.remaining());
            ByteBuffer part = target.slice(target.position(), count);
            first.readBytes(part);
            target.position(target.position() + count);
            if (!first.isReadable()) {
                incoming.remove().release();
            }
            return count;
        }

        // Must hold the lock.
        private void checkOpen() throws ClosedChannelException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            lock.lock();
            try {
                checkOpen();
            } finally {
                lock.unlock();
            }
            int count = source.remaining();
            ByteBuf bytes = Unpooled.copiedBuffer(source);
            await(channel.writeAndFlush(bytes));
            source.position(source.limit());
            return count;
        }

        void await(ChannelFuture written) throws IOException {
            written.awaitUninterruptibly();
            if (!written.isSuccess()) {
                throw new IOException("the stream broke", written.cause());
            }
        }

        @Override
        public boolean isOpen() {
            lock.lock();
            try {
                return !closed && !gone;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                incoming.forEach(ByteBuf::release);
                incoming.clear();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            channel.close();
            whenClosed.run();
        }

        private final class FromChannel extends ChannelInboundHandlerAdapter {

            @Override
            public void handlerAdded(ChannelHandlerContext ctx) {
                ctx.channel().config().setAutoRead(false);
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                lock.lock();
                try {
                    if (!closed && message instanceof ByteBuf bytes && bytes.isReadable()) {
                        incoming.add(bytes);
                        changed.signalAll();
                        return;
                    }
                } finally {
                    lock.unlock();
                }
                ReferenceCountUtil.release(message);
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                // A read that brought nothing (a part of a frame) is asked for again.
                signal();
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof ChannelInputShutdownEvent
                        || event instanceof ChannelInputShutdownReadComplete) {
                    lock.lock();
                    try {
                        ended = true;
                    } finally {
                        lock.unlock();
                    }
                    signal();
                }
                ctx.fireUserEventTriggered(event);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
                lock.lock();
                try {
                    cause = error;
                } finally {
                    lock.unlock();
                }
                ctx.close();
            }

            /** The bytes of one connection end in order with it; a stream says so before. */
            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                lock.lock();
                try {
                    gone = true;
                    ended |= !ofStreams && cause == null;
                } finally {
                    lock.unlock();
                }
                signal();
            }

            private void signal() {
                lock.lock();
                try {
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }
    }
}
