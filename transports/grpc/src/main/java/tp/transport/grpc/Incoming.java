package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ChannelLink;

/**
 * One connection to the manager's port: sees what is spoken on it, and holds those who carry no
 * session to a few calls and a short time. The last handler of the connection; on the loop.
 */
final class Incoming extends ChannelInboundHandlerAdapter {

    /** RFC 8446 §5.1: a record of the handshake. */
    private static final int TLS_HANDSHAKE = 0x16;

    /** RFC 9113 §3.4: the preface begins with PRI. */
    private static final int PREFACE = 'P';

    private static final int IDLE_SECONDS = 10;
    private static final int WITHOUT_SESSION_SECONDS = 300;
    private static final int MAX_PIPES = 256;
    private static final int MAX_OTHERS = 64;
    private static final int MAX_OTHERS_EVER = 1000;

    private final Strangers strangers;
    private final Channel channel;
    private boolean counted;
    private boolean secure;
    private boolean knocked;
    private boolean refusalTold;
    private int calls;
    private int pipes;
    private int others;
    private int othersEver;
    private @Nullable GrpcLink link;
    private @Nullable Future<?> idle;

    Incoming(Strangers strangers, Channel channel) {
        this.strangers = strangers;
        this.channel = channel;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        counted = true;
        if (!strangers.comes()) {
            refuse("there are too many connections to the gRPC port");
            return;
        }
        waitForCall();
        Future<?> limit =
                ctx.executor()
                        .schedule(
                                this::endWithoutSession, WITHOUT_SESSION_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> limit.cancel(false));
        ctx.fireChannelActive();
    }

    private boolean hasSession() {
        return link != null || pipes > 0;
    }

    /** Those who only ask for health come again. */
    private void endWithoutSession() {
        if (!hasSession()) {
            channel.close();
        }
    }

    private void waitForCall() {
        idle = channel.eventLoop().schedule(this::noCall, IDLE_SECONDS, TimeUnit.SECONDS);
    }

    private void noCall() {
        if (othersEver == 0 && !hasSession()) {
            refuse("no call within " + IDLE_SECONDS + " s");
        }
        channel.close();
    }

    void refuse(String reason) {
        if (!refusalTold) {
            refusalTold = true;
            strangers.refused(channel.remoteAddress(), reason);
        }
        channel.close();
    }

    // ---- calls

    /** A call came, and is counted until it ends. */
    void began(Channel call) {
        calls++;
        Future<?> timer = idle;
        if (timer != null) {
            timer.cancel(false);
            idle = null;
        }
        call.closeFuture().addListener(closed -> ended());
    }

    private void ended() {
        if (--calls == 0 && channel.isActive()) {
            waitForCall();
        }
    }

    /** {@return whether nobody but the manager and its client sees the bytes} */
    boolean isSecure() {
        return secure;
    }

    /** A call that is a stream of a session. */
    void stream(Channel call) {
        GrpcLink of = link;
        if (of == null) {
            of = GrpcLink.server(channel);
            link = of;
            channel.pipeline().addFirst(of.life());
            leave();
            strangers.acceptor().accepted(of, channel.remoteAddress());
        }
        of.opened(call);
    }

    /** {@return whether there is room for one more pipe} */
    boolean roomForPipe() {
        return pipes < MAX_PIPES;
    }

    /** A call that is a whole session. */
    void pipe(Channel call) {
        pipes++;
        call.closeFuture().addListener(closed -> pipes--);
        leave();
        call.config().setAutoRead(false);
        strangers.acceptor().accepted(new ChannelLink(call), channel.remoteAddress());
    }

    /** {@return whether there is room for one more call that is neither} */
    boolean other(Channel call) {
        if (++othersEver > MAX_OTHERS_EVER) {
            channel.close();
            return false;
        }
        others++;
        call.closeFuture().addListener(closed -> others--);
        return others <= MAX_OTHERS;
    }

    private void leave() {
        if (counted) {
            counted = false;
            strangers.leaves();
        }
    }

    // ---- from the connection

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!knocked && message instanceof ByteBuf first && first.isReadable()) {
            knocked = true;
            knock(ctx, first);
        } else {
            ReferenceCountUtil.release(message); // a frame of the whole connection
        }
    }

    private void knock(ChannelHandlerContext ctx, ByteBuf first) {
        switch (first.getUnsignedByte(first.readerIndex())) {
            case TLS_HANDSHAKE ->
                    ctx.pipeline()
                            .addBefore(ctx.name(), null, strangers.tls().newHandler(ctx.alloc()));
            case PREFACE -> Http2.server(ctx, false, new Calls());
            default -> {
                first.release();
                refuse("it speaks neither TLS nor HTTP/2");
                return;
            }
        }
        ctx.pipeline().fireChannelRead(first);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                secured(ctx);
            } else {
                exceptionCaught(ctx, tls.cause());
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private void secured(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
            secure = true;
            Http2.server(ctx, true, new Calls());
        } else {
            refuse("it does not speak HTTP/2");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        GrpcLink of = link;
        if (of != null) {
            of.broken(error);
            return;
        }
        String reason = complaint(error);
        if (reason.isEmpty() || hasSession()) {
            channel.close();
        } else {
            refuse(reason);
        }
    }

    private static String complaint(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotSslRecordException) {
                return "it does not speak TLS";
            }
            if (cause instanceof SSLException) {
                return "no TLS session: " + cause.getMessage();
            }
            if (cause instanceof Http2Exception) {
                return "it does not speak HTTP/2 as RFC 9113 has it";
            }
        }
        return "";
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        Future<?> timer = idle;
        if (timer != null) {
            timer.cancel(false);
        }
        GrpcLink of = link;
        if (of != null) {
            of.over();
        }
        ctx.fireChannelInactive();
    }

    private final class Calls extends ChannelInitializer<Channel> {

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel call) {
            began(call);
            call.pipeline().addLast(new IncomingCall(Incoming.this));
        }
    }
}
