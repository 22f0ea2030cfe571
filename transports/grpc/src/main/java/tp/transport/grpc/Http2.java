package tp.transport.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;

/** HTTP/2 as both ends set it. */
final class Http2 {

    /** As many as flows in a session, and some. */
    static final int SESSION_STREAMS = 16_384;

    /** In the clear there are pipes only, and each is a whole session. */
    static final int PIPES = 1024;

    /** Credit limits the flows of a session, and these limit who has none yet. */
    private static final int STREAM_WINDOW_BYTES = 4 << 20;

    private static final int CONNECTION_WINDOW_BYTES = 64 << 20;
    private static final int MAX_FRAME_BYTES = 256 * 1024;

    /** What lies below the session's scheduler, so that heartbeats do not wait behind bulk. */
    private static final WriteBufferWaterMark BELOW_SCHEDULER =
            new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    private Http2() {}

    /** Lays the client's half over a connection, before that handler. */
    static void client(ChannelHandlerContext ctx, ChannelHandler pushed) {
        Http2Settings settings = settings().pushEnabled(false);
        lay(ctx, Http2FrameCodecBuilder.forClient(), settings, true, pushed);
    }

    /**
     * Lays the manager's half over a connection, before that handler.
     *
     * @param session whether one session may have the connection, all flows of which are calls
     */
    static void server(ChannelHandlerContext ctx, boolean session, ChannelHandler calls) {
        Http2Settings settings = settings().maxConcurrentStreams(session ? SESSION_STREAMS : PIPES);
        lay(ctx, Http2FrameCodecBuilder.forServer(), settings, session, calls);
    }

    private static Http2Settings settings() {
        return Http2Settings.defaultSettings()
                .initialWindowSize(STREAM_WINDOW_BYTES)
                .maxFrameSize(MAX_FRAME_BYTES);
    }

    private static void lay(
            ChannelHandlerContext ctx,
            Http2FrameCodecBuilder builder,
            Http2Settings settings,
            boolean session,
            ChannelHandler streams) {
        if (session) {
            // Flows end by the thousand, and a reset stream is an ordinary end: the limit on calls
            // of who has no session is the guard against floods of them (CVE-2023-44487).
            builder.decoderEnforceMaxRstFramesPerWindow(0, 0)
                    .encoderEnforceMaxRstFramesPerWindow(0, 0);
        }
        Http2FrameCodec codec =
                builder.initialSettings(settings)
                        .encoderEnforceMaxConcurrentStreams(false)
                        .gracefulShutdownTimeoutMillis(0)
                        .build();
        Channel channel = ctx.channel();
        channel.config().setWriteBufferWaterMark(BELOW_SCHEDULER);
        channel.pipeline()
                .addBefore(ctx.name(), null, codec)
                .addBefore(ctx.name(), null, new Http2MultiplexHandler(streams));
        ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW_BYTES));
    }
}
