package tp.tunnel;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;

/** How HTTP/2 (RFC 9113) is set up on a link. */
final class Http2 {

    static final String CONTROL = "/tp/1/control";
    static final String FLOW = "/tp/1/flow";
    static final String DNS = "/tp/1/dns";

    /**
     * What lies below the scheduler, so that small flows and heartbeats do not wait behind bulk.
     */
    static final WriteBufferWaterMark BELOW_SCHEDULER =
            new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    /** How far one stream may run ahead of the link before its socket is no longer read. */
    static final WriteBufferWaterMark PER_STREAM = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    static final int MAX_STREAMS = 16_384;

    private static final int DEAD_AFTER_SECONDS = 15;
    private static final int STREAM_WINDOW_BYTES = 4 << 20;
    private static final int CONNECTION_WINDOW_BYTES = 64 << 20;
    private static final int MAX_FRAME_BYTES = 256 * 1024;

    private Http2() {}

    /** Adds HTTP/2 behind what the pipeline has already. Credit limits, not HTTP/2's windows. */
    static void add(ChannelPipeline pipeline, boolean client, ChannelHandler inbound) {
        Http2FrameCodecBuilder builder =
                client ? Http2FrameCodecBuilder.forClient() : Http2FrameCodecBuilder.forServer();
        Http2Settings settings =
                Http2Settings.defaultSettings()
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxFrameSize(MAX_FRAME_BYTES)
                        .maxConcurrentStreams(MAX_STREAMS);
        if (client) {
            settings.pushEnabled(false);
        }
        // Flows end by the thousand, and a reset stream is an ordinary end: the peer is
        // authenticated before
        // it may open one, so that the guard against reset floods (CVE-2023-44487) is the limit on
        // dials.
        Http2FrameCodec codec =
                builder.initialSettings(settings)
                        .decoderEnforceMaxRstFramesPerWindow(0, 0)
                        .encoderEnforceMaxRstFramesPerWindow(0, 0)
                        .encoderEnforceMaxConcurrentStreams(false)
                        .validateHeaders(false)
                        .build();
        pipeline.channel().config().setWriteBufferWaterMark(BELOW_SCHEDULER);
        pipeline.addLast(new IdleStateHandler(DEAD_AFTER_SECONDS, 0, 0, TimeUnit.SECONDS));
        pipeline.addLast(codec, new Http2MultiplexHandler(inbound), new WidenConnectionWindow());
    }

    private static final class WidenConnectionWindow extends ChannelInboundHandlerAdapter {
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

        private static void widen(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW_BYTES));
        }
    }
}
