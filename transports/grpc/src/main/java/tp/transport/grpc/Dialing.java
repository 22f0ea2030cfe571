package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;

/**
 * One connection of the client's, from its first byte: finds out who answers, and makes a link of
 * streams to the manager itself, or of one pipe through anybody else. The last handler of the
 * connection as long as it lives; on the loop.
 */
final class Dialing extends ChannelInboundHandlerAdapter {

    /** From the first packet to the answer of whoever is at the far end. */
    static final int DEADLINE_SECONDS = 10;

    private enum Phase {
        TCP("no answer"),
        TLS("accepts connections and says nothing: no TLS"),
        SETTINGS("accepts connections and says nothing: no HTTP/2"),
        CALL("does not answer the call");

        private final String silence;

        Phase(String silence) {
            this.silence = silence;
        }
    }

    private final Target target;
    private final ServerPin pin;
    private final EventLoop loop;
    private final Promise<Link> made;
    private Phase phase = Phase.TCP;
    private boolean manager;
    private @Nullable GrpcLink link;

    Dialing(Target target, ServerPin pin, EventLoop loop) {
        this.target = target;
        this.pin = pin;
        this.loop = loop;
        made = loop.newPromise();
    }

    EventLoop loop() {
        return loop;
    }

    /** {@return the link, or what is wrong with whoever answered, to follow its name} */
    Future<Link> made() {
        return made;
    }

    /** TCP is connected, or not. */
    void connected(@Nullable Throwable failure) {
        if (failure != null) {
            refuse("cannot be connected to: " + reason(failure));
        }
    }

    private static String reason(Throwable failure) {
        String text = Sockets.reason(failure);
        return text.contains("timed out") ? "no answer to TCP" : text;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Future<?> limit =
                ctx.executor().schedule(() -> tooLate(ctx), DEADLINE_SECONDS, TimeUnit.SECONDS);
        made.addListener(done -> limit.cancel(false));
    }

    private void tooLate(ChannelHandlerContext ctx) {
        refuse(phase.silence + " within " + DEADLINE_SECONDS + " s");
        ctx.close();
    }

    private void refuse(String why) {
        made.tryFailure(new IOException(why));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws IOException {
        if (target.tls()) {
            phase = Phase.TLS;
            ctx.pipeline().addBefore(ctx.name(), null, Tls.toAnybody(target, ctx.alloc()));
        } else {
            http2(ctx);
        }
        ctx.fireChannelActive();
    }

    private void http2(ChannelHandlerContext ctx) {
        phase = Phase.SETTINGS;
        ctx.pipeline().addBefore(ctx.name(), null, new FirstAnswer(this::refuse));
        Http2.client(ctx, new Pushed());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls && tls.isSuccess()) {
            secured(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void secured(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (!ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
            refuse("does not speak HTTP/2");
            ctx.close();
            return;
        }
        manager = Tls.isManager(tls.engine().getSession(), pin);
        http2(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2SettingsFrame && phase == Phase.SETTINGS) {
            phase = Phase.CALL;
            if (manager) {
                streams(ctx);
            } else {
                pipe(ctx.channel());
            }
        }
        ReferenceCountUtil.release(frame); // of the whole connection: none is for us
    }

    private void streams(ChannelHandlerContext ctx) {
        GrpcLink fresh = GrpcLink.client(ctx.channel(), target.authority());
        link = fresh;
        ctx.pipeline().addFirst(fresh.life());
        if (!made.trySuccess(fresh)) {
            ctx.close();
        }
    }

    private void pipe(Channel connection) {
        new Http2StreamChannelBootstrap(connection)
                .handler(PipeCall.client(new FirstResponse()))
                .open()
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                Channel call = (Channel) done.getNow();
                                call.pipeline()
                                        .firstContext()
                                        .writeAndFlush(
                                                GrpcHeaders.request(
                                                        GrpcHeaders.PIPE,
                                                        target.authority(),
                                                        target.tls()));
                            } else {
                                refuse("takes no call");
                                connection.close();
                            }
                        });
    }

    private final class FirstResponse implements PipeCall.Answer {

        @Override
        public void opened(Channel pipe) {
            if (!made.trySuccess(new ChannelLink(pipe))) {
                pipe.close();
            }
        }

        @Override
        public void refused(IOException why) {
            refuse(String.valueOf(why.getMessage()));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
        refuse(complaint(error));
        GrpcLink of = link;
        if (of != null) {
            of.broken(error);
        }
        ctx.close();
    }

    private static String complaint(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotSslRecordException) {
                return "does not speak TLS; grpc+plain:// is for servers that do not";
            }
            if (cause instanceof SSLException) {
                return "gives no TLS session: " + cause.getMessage();
            }
            if (cause instanceof Http2Exception) {
                return "does not speak HTTP/2 as RFC 9113 has it";
            }
        }
        return "broke the connection: " + Sockets.reason(error);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        refuse("closed the connection before it answered");
        GrpcLink of = link;
        if (of != null) {
            of.over();
        }
        ctx.fireChannelInactive();
    }

    /** Servers that push (RFC 9113 §8.4) were asked not to. */
    private static final class Pushed extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.close();
        }
    }

    /** Knows a web server by its first words, which HTTP/2's codec would only call a bad frame. */
    private static final class FirstAnswer extends ChannelInboundHandlerAdapter {

        /** Of a frame the first byte is of its length, and a server's first frame is short. */
        private static final int NO_TEXT = 0x20;

        private final Consumer<String> told;

        FirstAnswer(Consumer<String> told) {
            this.told = told;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes && bytes.isReadable()) {
                if (bytes.getUnsignedByte(bytes.readerIndex()) >= NO_TEXT) {
                    told.accept(
                            "does not speak HTTP/2; it says: "
                                    + Words.of(
                                            bytes.toString(StandardCharsets.US_ASCII)
                                                    .lines()
                                                    .findFirst()
                                                    .orElse("")));
                    bytes.release();
                    ctx.close();
                    return;
                }
                ctx.pipeline().remove(this);
            }
            ctx.fireChannelRead(message);
        }
    }
}
