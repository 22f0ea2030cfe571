package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;

/**
 * The laptop's end of a session. Made by {@link #open}, and over when {@link #close} is called or
 * the link is lost; then every flow is reset.
 */
public final class ClientSession implements AutoCloseable {

    private static final Duration OPENING = Duration.ofSeconds(20);

    private final Channel link;
    private final Counters counters = new Counters();
    private final WindowBudget budget = new WindowBudget();
    private final ClientControl control;
    private final ClientQueries queries;
    private long nextFlowId;

    private ClientSession(Channel link, SessionListener listener) {
        this.link = link;
        control = new ClientControl(this, listener, counters);
        queries = new ClientQueries(this);
    }

    /**
     * Says hello over a transport's byte stream, and waits until the manager lets us in.
     *
     * @param pipe owned by the session from here on
     * @param loops gives the event loop; one of NIO, where accepted sockets are to be attached
     * @throws TpException where the key is wrong, the manager refuses, or nobody answers in time
     */
    public static ClientSession open(
            ByteChannel pipe,
            ClientHello hello,
            ServerPin pin,
            SessionListener listener,
            EventLoopGroup loops) {
        PipeChannel link = new PipeChannel(pipe);
        ClientSession session = new ClientSession(link, listener);
        try {
            SslHandler tls = Tls.client(pin).newHandler(link.alloc());
            link.pipeline().addLast(tls);
            Http2.add(link.pipeline(), true, new RefusePushedStreams());
            link.pipeline().addLast(new LinkEnd(session.control));
            tls.handshakeFuture()
                    .addListener(
                            done ->
                                    session.control.handshake(
                                            done.isSuccess() ? null : done.cause()));
            loops.register(link);
            session.openStream(
                    Http2.CONTROL, session.control, stream -> session.control.start(stream, hello));
            session.control.awaitWelcome(OPENING);
            session.openStream(Http2.DNS, session.queries, session.queries::start);
            return session;
        } catch (TpException e) {
            link.close();
            throw e;
        } catch (SSLException | InterruptedException e) {
            link.close();
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new TpException(
                    TpException.Category.TRANSIENT, "the session was not opened", "try again", e);
        }
    }

    public Welcome welcome() {
        return control.welcome();
    }

    /** {@return a dial under way} The listener is told of its end. */
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        ClientFlow flow = new ClientFlow(this, target, listener);
        loop().execute(flow::open);
        return flow;
    }

    /** {@return a UDP flow to that target} */
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        ClientUdp flow = new ClientUdp(this, target, listener);
        loop().execute(flow::open);
        return flow;
    }

    /**
     * Asks the cluster's DNS.
     *
     * @param message borrowed for the call
     * @param tcp whether the answer may have any size
     */
    public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        loop().execute(() -> queries.ask(bytes, tcp, listener));
    }

    /** Shows a fresh token before the old one expires. */
    public void reauthenticate(String token) {
        loop().execute(() -> control.send(new Message.Reauthenticate(token)));
    }

    public SessionStatistics statistics() {
        return counters.snapshot();
    }

    /** {@return the loop on which sockets have to be registered before they are attached} */
    public EventLoop loop() {
        return link.eventLoop();
    }

    /** Says goodbye and ends; does not wait. */
    @Override
    public void close() {
        loop().execute(control::goodbye);
    }

    Counters counters() {
        return counters;
    }

    WindowBudget budget() {
        return budget;
    }

    long takeFlowId() {
        return nextFlowId++;
    }

    boolean full() {
        return !link.isActive()
                || !control.admitted()
                || counters.openFlows.get() >= Http2.MAX_STREAMS - 16;
    }

    void closeLink() {
        link.close();
    }

    /** Opens a stream; the receiver is told that it is closed where that fails. */
    void openStream(String path, MessageStream.Receiver receiver, Consumer<Channel> opened) {
        new Http2StreamChannelBootstrap(link)
                .handler(new MessageStream(receiver, counters.malformed::increment))
                .open()
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                receiver.closed();
                                return;
                            }
                            Channel stream = (Channel) done.getNow();
                            stream.config().setWriteBufferWaterMark(Http2.PER_STREAM);
                            Http2Headers headers =
                                    new DefaultHttp2Headers(false)
                                            .method("POST")
                                            .scheme("https")
                                            .authority("tp")
                                            .path(path);
                            stream.write(new DefaultHttp2HeadersFrame(headers, false));
                            opened.accept(stream);
                        });
    }

    /** Tells the control stream's owner what ended the link. */
    private static final class LinkEnd extends ChannelInboundHandlerAdapter {

        private final ClientControl control;
        private @Nullable Throwable cause;

        LinkEnd(ClientControl control) {
            this.control = control;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IdleStateEvent) {
                cause = new IOException("no byte arrived for too long");
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
            cause = error;
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            control.linkLost(cause);
        }
    }

    /** A manager opens no streams. */
    @ChannelHandler.Sharable
    private static final class RefusePushedStreams extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.close();
        }
    }
}
