package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, from accept to end. State changes happen on its event loop; the host and
 * its grant are asked on virtual threads.
 */
final class ServerConnection implements SessionControl {

    private static final int HELLO_SECONDS = 10;
    private static final int MAX_FLOWS = Http2.MAX_STREAMS - 16;

    private final SessionServer server;
    private final Channel link;
    private final SessionHost host;
    private final Counters counters;
    private final WindowBudget budget = new WindowBudget();
    private final Set<ServerFlow> flows = new HashSet<>();

    private @Nullable ServerControl control;
    private volatile @Nullable SessionGrant grant;
    private boolean controlOpened;
    private boolean refused;
    private boolean ended;

    ServerConnection(SessionServer server, Channel link, SessionHost host) {
        this.server = server;
        this.link = link;
        this.host = host;
        counters = new Counters(server.malformed());
    }

    /** Nothing listens without authentication: who says no valid hello in time is closed. */
    void expectHello() {
        link.eventLoop()
                .schedule(
                        () -> {
                            if (grant == null && link.isOpen()) {
                                refuse("no hello within " + HELLO_SECONDS + " s");
                            }
                        },
                        HELLO_SECONDS,
                        TimeUnit.SECONDS);
    }

    void hello(ServerControl from, ClientHello hello) {
        if (control != null) {
            refuse("a second hello");
            return;
        }
        control = from;
        Thread.ofVirtual().name("tp-admission").start(() -> admit(hello));
    }

    private void admit(ClientHello hello) {
        Admission admission;
        try {
            admission = host.admit(hello, link.remoteAddress());
        } catch (RuntimeException e) {
            admission =
                    new Admission.Refused(
                            "the manager failed to decide: " + e.getClass().getSimpleName());
        }
        switch (admission) {
            case Admission.Granted granted -> {
                SessionGrant given = granted.grant();
                given.opened(this);
                Welcome welcome = given.welcome();
                loop().execute(() -> welcome(given, welcome));
            }
            case Admission.Refused refused -> loop().execute(() -> refuse(refused.reason()));
        }
    }

    private void welcome(SessionGrant given, Welcome welcome) {
        if (ended) {
            Thread.ofVirtual().start(given::closed);
            return;
        }
        grant = given;
        tell(new Message.Welcomed(welcome));
        ServerControl to = control;
        if (to != null) {
            to.beat();
        }
    }

    private void refuse(String reason) {
        if (refused) {
            return;
        }
        refused = true;
        server.refusals().refused(link.remoteAddress(), reason);
        tell(new Message.Refused(reason));
        link.eventLoop().schedule(() -> link.close(), 200, TimeUnit.MILLISECONDS);
    }

    void tell(Message message) {
        ServerControl to = control;
        if (to != null) {
            to.send(message);
        }
    }

    void renew(String token) {
        SessionGrant current = grant;
        if (current == null) {
            refuse("a token before the hello");
            return;
        }
        Thread.ofVirtual()
                .name("tp-renewal")
                .start(
                        () -> {
                            Optional<String> refusal = current.renew(token);
                            refusal.ifPresent(this::revoke);
                        });
    }

    /** What came is no message of ours, or not one for now. */
    void malformed() {
        counters.malformed.increment();
        if (!admitted()) {
            refuse("it does not speak tp's protocol");
        }
    }

    @Override
    public void update(Welcome welcome) {
        loop().execute(() -> tell(new Message.Update(welcome)));
    }

    @Override
    public void recheck() {
        loop().execute(() -> List.copyOf(flows).forEach(ServerFlow::recheck));
    }

    @Override
    public void revoke(String reason) {
        loop().execute(
                        () -> {
                            tell(new Message.Goodbye(reason));
                            link.eventLoop()
                                    .schedule(() -> link.close(), 200, TimeUnit.MILLISECONDS);
                        });
    }

    boolean admitted() {
        return grant != null;
    }

    @Nullable SessionGrant grant() {
        return grant;
    }

    EventLoop loop() {
        return link.eventLoop();
    }

    Counters counters() {
        return counters;
    }

    WindowBudget budget() {
        return budget;
    }

    /** {@return whether there is room for one more} */
    boolean add(ServerFlow flow) {
        boolean added = flows.size() < MAX_FLOWS && flows.add(flow);
        if (added) {
            server.flows().incrementAndGet();
        }
        return added;
    }

    void remove(ServerFlow flow) {
        if (flows.remove(flow)) {
            server.flows().decrementAndGet();
        }
    }

    AtomicInteger dials() {
        return server.dials();
    }

    void close() {
        link.close();
    }

    ChannelHandler streams() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.config().setWriteBufferWaterMark(Http2.PER_STREAM);
                stream.pipeline().addLast(new ChooseByPath());
            }
        };
    }

    ChannelHandler linkEnd() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof IdleStateEvent) {
                    ctx.close();
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                if (!admitted()) {
                    RefusalLog.reason(cause).ifPresent(ServerConnection.this::refuse);
                }
                ctx.close();
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                end();
            }
        };
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        server.ended(this);
        SessionGrant last = grant;
        if (last != null) {
            Thread.ofVirtual().start(last::closed);
        }
    }

    /** The first frame of a stream is its headers, and the path says what the stream is for. */
    private final class ChooseByPath extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (!(frame instanceof Http2HeadersFrame headers)) {
                ReferenceCountUtil.release(frame);
                ctx.close();
                return;
            }
            Channel stream = ctx.channel();
            MessageStream.Receiver receiver =
                    receiver(stream, String.valueOf(headers.headers().path()));
            if (receiver == null) {
                ctx.close();
                return;
            }
            stream.write(
                    new DefaultHttp2HeadersFrame(
                            new DefaultHttp2Headers(false).status("200"), false));
            ctx.pipeline()
                    .replace(
                            this,
                            "messages",
                            new MessageStream(receiver, ServerConnection.this::malformed));
        }

        private MessageStream.@Nullable Receiver receiver(Channel stream, String path) {
            if (path.equals(Http2.CONTROL) && !controlOpened) {
                controlOpened = true;
                return new ServerControl(ServerConnection.this, stream);
            }
            if (!admitted()) {
                // Streams are cheap to open by the thousand: a stranger gets no second try.
                refuse("it opens other streams before it is let in");
                return null;
            }
            return switch (path) {
                case Http2.FLOW -> new ServerFlow(ServerConnection.this, stream);
                case Http2.DNS -> new ServerQueries(ServerConnection.this, stream);
                default -> null;
            };
        }
    }
}
