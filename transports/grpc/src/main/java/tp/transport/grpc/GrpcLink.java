package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamLink;

/**
 * An HTTP/2 connection to the manager itself, each call of which is a stream. There are no
 * datagrams. Who owns the channel's pipeline tells this of its end.
 */
final class GrpcLink implements StreamLink {

    private final Channel connection;

    /** Where calls go, at the client; a manager makes none. */
    private final @Nullable String authority;

    private @Nullable LinkEvents events;
    private @Nullable Throwable cause;
    private boolean over;
    private boolean told;

    private GrpcLink(Channel connection, @Nullable String authority) {
        this.connection = connection;
        this.authority = authority;
    }

    static GrpcLink client(Channel connection, String authority) {
        return new GrpcLink(connection, authority);
    }

    static GrpcLink server(Channel connection) {
        return new GrpcLink(connection, null);
    }

    @Override
    public EventLoop loop() {
        return connection.eventLoop();
    }

    @Override
    public SocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public void start(LinkEvents listener) {
        events = listener;
        tellEnd();
    }

    /** The client made a call; its pipeline has what makes bytes of it. */
    void opened(Channel stream) {
        LinkEvents to = events;
        if (to == null || over) {
            stream.close();
        } else {
            to.opened(stream);
        }
    }

    @Override
    public Future<Channel> openStream(ChannelHandler handler) {
        Promise<Channel> opened = loop().newPromise();
        String to = authority;
        if (to == null) {
            return opened.setFailure(new IOException("a manager makes no calls"));
        }
        new Http2StreamChannelBootstrap(connection)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new StreamCall(true), handler);
                            }
                        })
                .open()
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                Channel stream = (Channel) done.getNow();
                                stream.pipeline()
                                        .firstContext()
                                        .write(GrpcHeaders.request(GrpcHeaders.STREAM, to, true));
                                opened.setSuccess(stream);
                            } else {
                                opened.setFailure(done.cause());
                            }
                        });
        return opened;
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
        connection.close();
    }

    /** {@return the first handler of the connection: every byte of it is life} */
    ChannelHandler life() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object bytes) {
                LinkEvents to = events;
                if (to != null) {
                    to.heard();
                }
                ctx.fireChannelRead(bytes);
            }
        };
    }

    /** What broke the link is known, and it is about to end. */
    void broken(Throwable error) {
        if (cause == null) {
            cause = error;
        }
        connection.close();
    }

    /** The connection is gone. */
    void over() {
        over = true;
        tellEnd();
    }

    private void tellEnd() {
        LinkEvents to = events;
        if (over && to != null && !told) {
            told = true;
            to.closed(Optional.ofNullable(cause));
        }
    }
}
