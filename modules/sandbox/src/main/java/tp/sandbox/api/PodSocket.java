package tp.sandbox.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The way from a client to one port of a pod: what arrives before the connection is there waits.
 * Used on the client's event loop.
 */
final class PodSocket {

    /** A connection that is slow to come stops its client only behind this much. */
    private static final int MAX_EARLY_BYTES = 64 << 10;

    private final Queue<ByteBuf> early = new ArrayDeque<>();
    private @Nullable Channel socket;
    private int earlyBytes;
    private boolean isFinished;
    private boolean isClosed;

    /** The connection is there. */
    void connected(Channel connected, boolean mayRead) {
        socket = connected;
        if (isClosed) {
            Outbound.close(connected);
            return;
        }
        while (!early.isEmpty()) {
            Outbound.send(connected, early.remove());
        }
        if (isFinished) {
            finish();
        }
        connected.config().setAutoRead(mayRead);
    }

    /** Writes what is from now on this object's. */
    void write(ByteBuf data) {
        if (isClosed || isFinished) {
            ReferenceCountUtil.release(data);
        } else if (socket == null) {
            earlyBytes += data.readableBytes();
            early.add(data);
        } else {
            Outbound.send(socket, data);
        }
    }

    /**
     * {@return whether the client should go on sending} What is for a pod that takes nothing any
     * longer is dropped, and stops nobody.
     */
    boolean takesMore() {
        if (isClosed) {
            return true;
        }
        return socket == null
                ? earlyBytes < MAX_EARLY_BYTES
                : !socket.isOpen() || socket.isWritable();
    }

    /** Lets the pod send, or stops it. */
    void read(boolean mayRead) {
        if (socket != null) {
            socket.config().setAutoRead(mayRead);
        }
    }

    /** Ends the direction to the pod. */
    void finish() {
        isFinished = true;
        if (socket instanceof SocketChannel tcp) {
            tcp.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(
                            done ->
                                    tcp.shutdownOutput()
                                            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE));
        }
    }

    /** Ends both directions once all is written. */
    void close() {
        isClosed = true;
        early.forEach(ReferenceCountUtil::release);
        early.clear();
        if (socket != null) {
            Outbound.sendAndClose(socket, Unpooled.EMPTY_BUFFER);
        }
    }
}
