package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Link;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.ServerPin;
import tp.spi.transport.StreamLink;

/**
 * The laptop's end of a session. Made by {@link #open}, and over when {@link #close} is called or
 * the link is lost; then every flow is reset.
 */
public final class ClientSession implements AutoCloseable {

    private static final Duration OPENING = Duration.ofSeconds(20);

    /** A few round trips; where nothing is heard the manager's grace ends the flows. */
    static final long GOODBYE_MS = 500;

    /** Before a flow that this client has no more is spoken of again. */
    private static final long FORSAKE_MS = 1_000;

    private final StreamLink link;
    private final Counters counters = new Counters();
    private final WindowBudget budget = new WindowBudget();
    private final ClientControl control;
    private final ClientQueries queries;
    private final Datagrams datagrams;
    private final FlowMeans means;
    private final ReadTurns.Seat seat;
    private final FlowKeep keep;

    /** Those of TCP that have a stream; on the loop. */
    private final Set<ClientFlow> flows = new LinkedHashSet<>();

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean over;
    private volatile boolean leaving;

    private ClientSession(
            StreamLink link, SessionListener listener, FlowKeep keep, InstantSource wall) {
        this.link = link;
        this.keep = keep;
        control = new ClientControl(this, listener, counters, wall);
        queries = new ClientQueries(this);
        datagrams = new Datagrams(link, counters, control.pulse());
        means =
                new FlowMeans(
                        counters, number -> control.send(new Message.Ping(number, 0)), loop());
        seat = ReadTurns.alone(loop(), keep.memory());
    }

    /** Opens a session whose flows are reset when its link is lost. */
    public static ClientSession open(
            Link link,
            ClientHello hello,
            ServerPin pin,
            SessionListener listener,
            EventLoopGroup loops) {
        return open(link, hello, pin, listener, loops, FlowKeep.none());
    }

    /**
     * Says hello over a transport's link, and waits until the manager lets us in.
     *
     * @param link owned by the session from here on
     * @param loops gives the event loop to links that have none yet
     * @param keep for flows that outlive the link
     * @throws TpException where the key is wrong, the manager refuses, or nobody answers in time
     */
    public static ClientSession open(
            Link link,
            ClientHello hello,
            ServerPin pin,
            SessionListener listener,
            EventLoopGroup loops,
            FlowKeep keep) {
        StreamLink streams = streams(link, pin, loops);
        ClientSession session = begin(streams, hello, listener, keep, InstantSource.system());
        try {
            session.control.awaitWelcome(OPENING);
            return session;
        } catch (TpException e) {
            streams.close();
            throw e;
        } catch (InterruptedException e) {
            streams.close();
            Thread.currentThread().interrupt();
            throw transientFailure(e);
        }
    }

    /**
     * Does not wait for the welcome.
     *
     * @param wall the clock that goes on while this machine sleeps
     */
    static ClientSession begin(
            StreamLink streams,
            ClientHello hello,
            SessionListener listener,
            FlowKeep keep,
            InstantSource wall) {
        ClientSession session = new ClientSession(streams, listener, keep, wall);
        ClientHello said = hello.withKey(keep.key());
        streams.loop().execute(() -> session.start(said));
        return session;
    }

    private static StreamLink streams(Link link, ServerPin pin, EventLoopGroup loops) {
        return switch (link) {
            case ByteLink bytes -> {
                PipeChannel channel = new PipeChannel(bytes.bytes());
                StreamLink streams = secured(channel, pin);
                loops.register(channel);
                yield streams;
            }
            case ChannelLink bytes -> laid(bytes.bytes(), pin);
            case StreamLink streams -> streams;
        };
    }

    /**
     * On the loop, since the channel is in use: TLS begins to read as soon as it is there, and what
     * the manager says first must not come before the handlers after it.
     */
    private static StreamLink laid(Channel channel, ServerPin pin) {
        Future<StreamLink> laying =
                channel.eventLoop()
                        .submit(
                                () -> {
                                    StreamLink streams = secured(channel, pin);
                                    channel.config().setAutoRead(true);
                                    return streams;
                                });
        if (laying.awaitUninterruptibly().isSuccess()) {
            return laying.getNow();
        }
        channel.close();
        throw laying.cause() instanceof TpException told
                ? told
                : new TpException(
                        TpException.Category.BUG, "the link took no TLS", "", laying.cause());
    }

    private static StreamLink secured(Channel channel, ServerPin pin) {
        try {
            channel.pipeline().addLast(Tls.client(pin).newHandler(channel.alloc()));
            return Http2Link.client(channel);
        } catch (SSLException e) {
            channel.close();
            throw transientFailure(e);
        }
    }

    private static TpException transientFailure(Exception cause) {
        return new TpException(
                TpException.Category.TRANSIENT, "the session was not opened", "try again", cause);
    }

    private void start(ClientHello hello) {
        keep.totals().begin(counters);
        link.start(new FromLink());
        if (!over) {
            openStream(control, stream -> control.start(stream, hello));
        }
    }

    public Welcome welcome() {
        return control.welcome();
    }

    /** {@return a dial under way} The listener is told of its end. */
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        ClientFlow flow = new ClientFlow(this, keep, target, listener);
        loop().execute(flow::open);
        return flow;
    }

    /** {@return a UDP flow to that target} */
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        ClientUdp flow = ClientUdp.udp(this, target, listener);
        loop().execute(flow::open);
        return flow;
    }

    /** {@return a flow of requests for an echo to that target} */
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        ClientUdp flow = ClientUdp.echo(this, target, listener);
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

    /**
     * Blocks until a heartbeat that is sent now has come back.
     *
     * @throws IOException where it did not in time
     */
    public void prove(Duration limit) throws IOException, InterruptedException {
        control.prove(limit);
    }

    /**
     * Asks for other namespaces, which then hold for open flows too; blocks until the manager has
     * answered.
     *
     * @return what it grants now
     * @throws TpException with its reason where it refuses; then all is as before
     * @throws IOException where it did not answer in time
     */
    public Welcome remap(MappingRequest mapping, Duration limit)
            throws IOException, InterruptedException {
        String refusal = control.remap(mapping, limit);
        if (!refusal.isEmpty()) {
            throw TpException.environment(
                    "the manager refused the mapping: " + refusal,
                    "nothing was changed; ask who administers tp in this cluster");
        }
        return control.welcome();
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
        return link.loop();
    }

    /**
     * Ends. Where another session carries, the manager may still have flows here whose move it has
     * not heard of, so nothing is said. Else it says goodbye and ends with all its flows; it waits
     * until the manager has heard it and closed the link, though not for long, and not on the event
     * loop: whoever closes what is below before that is taken for a client that may come back.
     */
    @Override
    public void close() {
        if (keep.goesOnWithout(this)) {
            link.close();
            return;
        }
        leaving |= !over; // what a lost link has left goes on over another one
        loop().execute(control::goodbye);
        if (!loop().inEventLoop()) {
            try {
                ended.await(GOODBYE_MS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** {@return whether it ends in order, so that no flow of it goes on over another link} */
    boolean isLeaving() {
        return leaving;
    }

    /** The manager has ended it, and all its flows. */
    void dismissed() {
        leaving = true;
    }

    boolean isOver() {
        return over;
    }

    void add(ClientFlow flow) {
        flows.add(flow);
    }

    void remove(ClientFlow flow) {
        flows.remove(flow);
    }

    /**
     * Its flows of TCP go on over another session, and who waits for an answer of the cluster's DNS
     * is told that none comes here; any thread.
     */
    void handOver(ClientSession to) {
        loop().execute(
                        () -> {
                            queries.leave();
                            List.copyOf(flows).forEach(flow -> flow.goOnOver(to));
                        });
    }

    /** Tells the manager to end a flow that this client has no more; any thread. */
    void forsake(FlowKeep.Forsaken flow) {
        if (welcome().epoch() == flow.epoch()) {
            loop().execute(
                            () ->
                                    openStream(
                                            new Forsaking(flow),
                                            stream -> {
                                                MessageStream.write(
                                                        stream,
                                                        new Message.Resume(
                                                                flow.id(),
                                                                flow.epoch(),
                                                                Wire.MAX_OFFSET,
                                                                0));
                                                MessageStream.write(
                                                        stream, new Message.Reset(Wire.MAX_OFFSET));
                                                MessageStream.end(stream);
                                            }));
        }
    }

    /** Whatever the answer is; where there is none it is told again. */
    private final class Forsaking implements MessageStream.Receiver {

        private final FlowKeep.Forsaken flow;
        private boolean answered;

        Forsaking(FlowKeep.Forsaken flow) {
            this.flow = flow;
        }

        @Override
        public void received(Message message) {
            answered = true;
            MessageStream.release(message);
        }

        @Override
        public void closed() {
            if (!answered) {
                loop().schedule(() -> keep.forsake(flow), FORSAKE_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    Counters counters() {
        return counters;
    }

    /** {@return what a flow runs over on that stream} */
    Way way(Channel stream) {
        return new Way(stream, means, seat);
    }

    FlowMeans means() {
        return means;
    }

    WindowBudget budget() {
        return budget;
    }

    /** Let in: questions may be asked. */
    void welcomed() {
        openStream(queries, queries::start);
    }

    long takeFlowId() {
        return keep.nextId();
    }

    boolean full() {
        return over || !control.admitted() || counters.openFlows.get() >= SessionLimits.MAX_FLOWS;
    }

    Datagrams datagrams() {
        return datagrams;
    }

    void closeLink() {
        link.close();
    }

    /** Opens a stream; the receiver is told that it is closed where that fails. */
    void openStream(MessageStream.Receiver receiver, Consumer<Channel> opened) {
        link.openStream(new MessageStream(receiver, counters.malformed::increment))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                receiver.closed();
                                return;
                            }
                            Channel stream = (Channel) done.getNow();
                            control.pulse().watch(stream);
                            stream.config().setWriteBufferWaterMark(SessionLimits.PER_STREAM);
                            opened.accept(stream);
                        });
    }

    private final class FromLink implements LinkEvents {

        /** A manager opens streams for single datagrams only. */
        @Override
        public void opened(Channel stream) {
            stream.pipeline()
                    .addLast(
                            control.pulse(),
                            new MessageStream(
                                    datagrams.receiver(stream), counters.malformed::increment));
        }

        @Override
        public void datagram(ByteBuf datagram) {
            datagrams.received(datagram);
        }

        @Override
        public void heard() {
            control.pulse().heard();
        }

        @Override
        public void closed(Optional<Throwable> cause) {
            over = true;
            keep.totals().end(counters);
            ended.countDown();
            control.linkLost(cause.orElse(null));
        }
    }
}
