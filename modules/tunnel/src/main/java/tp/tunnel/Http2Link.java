package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamLink;

/**
 * Gives a channel of bytes streams of its own, by HTTP/2 (RFC 9113). What secures the bytes is in
 * the pipeline before.
 */
final class Http2Link implements StreamLink {

    /** The one path that is served. */
    static final String PATH = "/tp/1/stream";

    private static final int STREAM_WINDOW_BYTES = 4 << 20;
    private static final int CONNECTION_WINDOW_BYTES = 64 << 20;
    private static final int MAX_FRAME_BYTES = 256 * 1024;

    private final Channel channel;
    private final boolean client;
    private @Nullable LinkEvents events;
    private @Nullable Throwable cause;
    private boolean closedTold;

    private Http2Link(Channel channel, boolean client) {
        this.channel = channel;
        this.client = client;
    }

    /** {@return the client's end} The channel may not be registered yet. */
    static Http2Link client(Channel channel) {
        return lay(channel, true);
    }

    /** {@return the manager's end} */
    static Http2Link server(Channel channel) {
        return lay(channel, false);
    }

    /** Credit limits, not HTTP/2's windows. */
    private static Http2Link lay(Channel channel, boolean client) {
        Http2Link link = new Http2Link(channel, client);
        Http2FrameCodecBuilder builder =
                client ? Http2FrameCodecBuilder.forClient() : Http2FrameCodecBuilder.forServer();
        Http2Settings settings =
                Http2Settings.defaultSettings()
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxFrameSize(MAX_FRAME_BYTES)
                        .maxConcurrentStreams(SessionLimits.MAX_STREAMS);
        if (client) {
            settings.pushEnabled(false);
        }
        // Flows end by the thousand, and a reset stream is an ordinary end: the peer is
        // authenticated before it may open one, so that the guard against reset floods
        // (CVE-2023-44487) is the limit on dials.
        Http2FrameCodec codec =
                builder.initialSettings(settings)
                        .decoderEnforceMaxRstFramesPerWindow(0, 0)
                        .encoderEnforceMaxRstFramesPerWindow(0, 0)
                        .encoderEnforceMaxConcurrentStreams(false)
                        .validateHeaders(false)
                        .build();
        channel.config().setWriteBufferWaterMark(SessionLimits.BELOW_SCHEDULER);
        channel.pipeline().addFirst(link.new Life());
        channel.pipeline()
                .addLast(codec, new Http2MultiplexHandler(link.inbound()), link.new LinkEnd());
        return link;
    }

    private ChannelHandler inbound() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                LinkEvents to = events;
                if (client || to == null) {
                    stream.close(); // a manager opens no streams here
                    return;
                }
                stream.pipeline().addLast(new Http2Bytes(false));
                to.opened(stream);
            }
        };
    }

    @Override
    public EventLoop loop() {
        return channel.eventLoop();
    }

    @Override
    public SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public void start(LinkEvents listener) {
        events = listener;
        if (!channel.isOpen()) {
            tellClosed(); // before there was anybody to tell
        }
    }

    private void tellClosed() {
        LinkEvents to = events;
        if (to != null && !closedTold) {
            closedTold = true;
            to.closed(Optional.ofNullable(cause));
        }
    }

    @Override
    public Future<Channel> openStream(ChannelHandler handler) {
        Promise<Channel> opened = loop().newPromise();
        new Http2StreamChannelBootstrap(channel)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new Http2Bytes(true), handler);
                            }
                        })
                .open()
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                Channel stream = (Channel) done.getNow();
                                stream.pipeline().firstContext().write(request());
                                opened.setSuccess(stream);
                            } else {
                                opened.setFailure(done.cause());
                            }
                        });
        return opened;
    }

    private static DefaultHttp2HeadersFrame request() {
        Http2Headers headers =
                new DefaultHttp2Headers(false)
                        .method("POST")
                        .scheme("https")
                        .authority("tp")
                        .path(PATH);
        return new DefaultHttp2HeadersFrame(headers, false);
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
        channel.close();
    }

    /** Before all else: a record of TLS may take long on a slow path, and its bytes are life. */
    private final class Life extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            LinkEvents to = events;
            if (to != null) {
                to.heard();
            }
            ctx.fireChannelRead(bytes);
        }
    }

    /** What came to nobody's stream, and the end. */
    private final class LinkEnd extends ChannelInboundHandlerAdapter {

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (ctx.channel().isActive()) {
                widen(ctx);
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            widen(ctx);
            ctx.fireChannelActive();
        }

        private void widen(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW_BYTES));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            ReferenceCountUtil.release(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess()) {
                broken(ctx, tls.cause());
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
            broken(ctx, error);
        }

        private void broken(ChannelHandlerContext ctx, Throwable error) {
            if (cause == null) {
                cause = error;
            }
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            tellClosed();
        }
    }
}
