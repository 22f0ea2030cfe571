package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's health checking protocol, for probes and load balancers; nobody has to prove who he is. A
 * manager that answers at all is serving.
 */
final class HealthCall extends ChannelInboundHandlerAdapter {

    private static final String SERVICE = "tp.v1.Tunnel";
    private static final int MAX_REQUEST_BYTES = 256;
    private static final int REQUEST_SECONDS = 10;

    /** Of HealthCheckResponse.ServingStatus. */
    private static final int SERVING = 1;

    private static final int SERVICE_UNKNOWN = 3;

    private final boolean watch;
    private final ChunkReader reader = new ChunkReader();
    private final StringBuilder service = new StringBuilder();
    private boolean answered;
    private @Nullable Future<?> limit;

    HealthCall(boolean watch) {
        this.watch = watch;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        limit =
                ctx.executor()
                        .schedule(
                                () -> refuse(ctx, GrpcStatus.DEADLINE_EXCEEDED, "no request"),
                                REQUEST_SECONDS,
                                TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        try {
            if (answered) {
                return;
            }
            boolean end = false;
            if (frame instanceof Http2DataFrame data) {
                reader.read(data.content(), this::request);
                end = data.isEndStream();
            } else if (frame instanceof Http2HeadersFrame headers) {
                end = headers.isEndStream();
            }
            if (service.length() > MAX_REQUEST_BYTES) {
                refuse(ctx, GrpcStatus.INVALID_ARGUMENT, "the name of a service is shorter");
            } else if (end) {
                answer(ctx);
            }
        } catch (MalformedException e) {
            refuse(ctx, e.status(), e.text());
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    /** The request's field 1 is the name of a service, in the form of a Chunk's data. */
    private void request(ByteBuf part) {
        if (service.length() <= MAX_REQUEST_BYTES) {
            service.append(part.toString(StandardCharsets.ISO_8859_1));
        }
        part.release();
    }

    private void answer(ChannelHandlerContext ctx) {
        boolean known = service.isEmpty() || SERVICE.contentEquals(service);
        if (!known && !watch) {
            refuse(ctx, GrpcStatus.NOT_FOUND, "no such service");
            return;
        }
        answered();
        ctx.write(GrpcHeaders.response());
        byte[] message = {0, 0, 0, 0, 2, 8, (byte) (known ? SERVING : SERVICE_UNKNOWN)};
        ctx.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(message), false));
        if (!watch) {
            ctx.write(GrpcHeaders.trailers(GrpcStatus.OK, ""));
        }
        ctx.flush(); // one who watches is told nothing else: it will not change
    }

    private void refuse(ChannelHandlerContext ctx, GrpcStatus status, String message) {
        answered();
        ctx.write(GrpcHeaders.trailersOnly(status, message));
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
        ctx.close();
    }

    private void answered() {
        answered = true;
        Future<?> timer = limit;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        answered();
        ctx.fireChannelInactive();
    }
}
