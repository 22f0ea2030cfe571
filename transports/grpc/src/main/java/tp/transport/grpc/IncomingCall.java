package tp.transport.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;

/** The head of a call says what it is for; then this makes room for who serves it. */
final class IncomingCall extends ChannelInboundHandlerAdapter {

    private final Incoming connection;

    IncomingCall(Incoming connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2HeadersFrame head) {
            choose(ctx, head);
        } else {
            ReferenceCountUtil.release(frame);
        }
    }

    private void choose(ChannelHandlerContext ctx, Http2HeadersFrame head) {
        Http2Headers headers = head.headers();
        if (!GrpcHeaders.isCall(headers)) {
            answer(ctx, GrpcHeaders.unsupported());
            connection.refuse("it asks for something by HTTP that is no gRPC");
            return;
        }
        CharSequence path = String.valueOf(headers.path());
        if (GrpcHeaders.STREAM.contentEquals(path)) {
            stream(ctx, head);
        } else if (GrpcHeaders.PIPE.contentEquals(path)) {
            pipe(ctx, head);
        } else if (!connection.other(ctx.channel())) {
            refuse(ctx, GrpcStatus.RESOURCE_EXHAUSTED, "too many calls");
        } else if (GrpcHeaders.HEALTH_CHECK.contentEquals(path)) {
            serve(ctx, new HealthCall(false), head);
        } else if (GrpcHeaders.HEALTH_WATCH.contentEquals(path)) {
            serve(ctx, new HealthCall(true), head);
        } else {
            refuse(ctx, GrpcStatus.UNIMPLEMENTED, "no such method");
        }
    }

    private void stream(ChannelHandlerContext ctx, Http2HeadersFrame head) {
        if (!connection.isSecure()) {
            if (connection.other(ctx.channel())) {
                refuse(
                        ctx,
                        GrpcStatus.FAILED_PRECONDITION,
                        "TLS does not end at the manager here: call Pipe");
            }
            return;
        }
        StreamCall call = new StreamCall(false);
        ctx.write(GrpcHeaders.response());
        ctx.pipeline().addLast(call);
        connection.stream(ctx.channel());
        makeRoom(ctx, call, head);
    }

    private void pipe(ChannelHandlerContext ctx, Http2HeadersFrame head) {
        if (!connection.roomForPipe()) {
            if (connection.other(ctx.channel())) {
                refuse(ctx, GrpcStatus.RESOURCE_EXHAUSTED, "too many pipes on one connection");
            }
            return;
        }
        PipeCall call = PipeCall.server();
        ctx.writeAndFlush(GrpcHeaders.response());
        ctx.pipeline().addLast(call);
        connection.pipe(ctx.channel());
        makeRoom(ctx, call, head);
    }

    private static void serve(
            ChannelHandlerContext ctx, HealthCall health, Http2HeadersFrame head) {
        ctx.pipeline().addLast(health);
        makeRoom(ctx, health, head);
    }

    /** A head may be all that there is. */
    private static void makeRoom(
            ChannelHandlerContext ctx, ChannelInboundHandlerAdapter next, Http2HeadersFrame head) {
        ChannelPipeline pipeline = ctx.pipeline();
        ChannelHandlerContext to = pipeline.context(next);
        if (head.isEndStream() && to != null) {
            ctx.fireChannelRead(head);
        }
        if (pipeline.context(IncomingCall.class) != null) {
            pipeline.remove(IncomingCall.class);
        }
    }

    private static void refuse(ChannelHandlerContext ctx, GrpcStatus status, String message) {
        answer(ctx, GrpcHeaders.trailersOnly(status, message));
    }

    private static void answer(ChannelHandlerContext ctx, Http2HeadersFrame whole) {
        Channel call = ctx.channel();
        ctx.write(whole);
        // RFC 9113 §8.1: whatever else the client wanted to send is of no use.
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
        call.close();
    }
}
