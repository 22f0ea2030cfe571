package tp.sandbox.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends once its connection speaks another protocol, for a thread that may block: the
 * messages of a websocket, or bytes as they come. A client that is faster than that thread waits.
 */
final class Inbox extends ChannelInboundHandlerAdapter {

    private static final int MANY_BYTES = 256 << 10;
    private static final int FEW_BYTES = 64 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> messages = new ArrayDeque<>();
    private int bytes;
    private boolean isOver;
    private volatile @Nullable ChannelHandlerContext context;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        if (!added.channel().isActive()) {
            end();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        try {
            switch (message) {
                case ByteBufHolder frame -> add(from, ByteBufUtil.getBytes(frame.content()));
                case ByteBuf data -> add(from, ByteBufUtil.getBytes(data));
                default -> Outbound.close(from);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void add(ChannelHandlerContext from, byte[] message) {
        lock.lock();
        try {
            messages.add(message);
            bytes += message.length;
            if (bytes >= MANY_BYTES) {
                from.channel().config().setAutoRead(false);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return the next message; none if the client has gone and nothing is left} */
    Optional<byte[]> take() throws InterruptedException {
        lock.lock();
        try {
            while (messages.isEmpty() && !isOver) {
                changed.await();
            }
            byte[] message = messages.poll();
            if (message == null) {
                return Optional.empty();
            }
            bytes -= message.length;
            ChannelHandlerContext from = context;
            if (bytes <= FEW_BYTES && from != null) {
                from.channel().config().setAutoRead(true);
            }
            return Optional.of(message);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        end();
        from.fireChannelInactive();
    }

    private void end() {
        lock.lock();
        try {
            isOver = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        Outbound.close(from);
    }
}
