package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamLink;

/**
 * One QUIC connection. It is the handler of its channel, which exists before the connection is
 * made; on the loop.
 */
final class QuicLink extends ChannelInboundHandlerAdapter implements StreamLink {

    /** How a connection of the manager's is known again by its streams. */
    static final AttributeKey<QuicLink> KEY = AttributeKey.valueOf(QuicLink.class, "link");

    private static final SocketAddress NOWHERE = new InetSocketAddress(0);

    private @Nullable QuicChannel connection;
    private @Nullable LinkEvents events;
    private @Nullable Throwable cause;
    private int maxDatagramBytes;
    private boolean over;

    /** The connection is made: from here on this may be given to the core. */
    void connected(QuicChannel made) {
        connection = made;
    }

    private QuicChannel connection() {
        QuicChannel current = connection;
        if (current == null) {
            throw new IllegalStateException("not connected yet");
        }
        return current;
    }

    @Override
    public EventLoop loop() {
        return connection().eventLoop();
    }

    @Override
    public SocketAddress remoteAddress() {
        SocketAddress remote = connection().remoteSocketAddress();
        return remote == null ? NOWHERE : remote;
    }

    @Override
    public void start(LinkEvents listener) {
        events = listener;
        if (over) {
            listener.closed(Optional.ofNullable(cause));
        }
    }

    void opened(Channel stream) {
        LinkEvents to = events;
        if (to == null) {
            stream.close();
            return;
        }
        stream.pipeline().addLast(new QuicStreamBytes());
        to.opened(stream);
    }

    @Override
    public Future<Channel> openStream(ChannelHandler handler) {
        Promise<Channel> opened = loop().newPromise();
        connection()
                .createStream(
                        QuicStreamType.BIDIRECTIONAL,
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new QuicStreamBytes(), handler);
                            }
                        })
                .addListener(
                        (Future<QuicStreamChannel> done) -> {
                            if (done.isSuccess()) {
                                opened.setSuccess(done.getNow());
                            } else {
                                opened.setFailure(done.cause());
                            }
                        });
        return opened;
    }

    @Override
    public int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    @Override
    public boolean sendDatagram(ByteBuf datagram) {
        QuicChannel to = connection();
        if (over || !to.isWritable()) {
            datagram.release();
            return false;
        }
        to.writeAndFlush(datagram, to.voidPromise());
        return true;
    }

    @Override
    public void close() {
        connection().close(true, QuicSettings.CLOSED, Unpooled.EMPTY_BUFFER);
    }

    // ---- from the connection

    /** A datagram; or a stream, which the codec itself takes at the end of the pipeline. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf datagram)) {
            ctx.fireChannelRead(message);
            return;
        }
        LinkEvents to = events;
        if (to == null) {
            datagram.release();
        } else {
            to.datagram(datagram);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof QuicDatagramExtensionEvent datagrams) {
            maxDatagramBytes = datagrams.maxLength();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        if (cause == null) {
            cause = error;
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!over) {
            over = true;
            LinkEvents to = events;
            if (to != null) {
                to.closed(Optional.ofNullable(cause));
            }
        }
        ctx.fireChannelInactive();
    }
}
