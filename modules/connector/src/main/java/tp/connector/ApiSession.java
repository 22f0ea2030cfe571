package tp.connector;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import tp.kube.ClusterTable;
import tp.kube.PodForward;
import tp.spi.common.AddressText;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/**
 * A session without a manager: connections are forwarded to pods by the API server, names are
 * answered out of the table. It lasts as long as the table is kept up to date.
 *
 * <p>Methods may be called on any thread; what they begin goes on on the loop.
 */
final class ApiSession implements ClusterSession {

    /**
     * What it works with.
     *
     * @param forwards begins a way to a pod, on the loop
     * @param roundTripNs how long the API server took to answer last
     * @param heardAtNs when it said something last, by that clock
     */
    record Means(
            EventLoop loop,
            Function<ClusterTable.Pod, PodForward> forwards,
            Refusals refusals,
            LongSupplier nanoClock,
            LongSupplier roundTripNs,
            LongSupplier heardAtNs) {}

    /** What holds at one moment. */
    record View(Welcome welcome, Targets targets, TableNames.Zone names) {}

    /**
     * The API server is heard of every four seconds. Where it is not, names fail even before the
     * session is given up: what is said not to exist may have been made since.
     */
    private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(7);

    /** Each has a socket, and two streams at the API server. */
    private static final int MOST_FLOWS = 16_384;

    private static final System.Logger LOG = System.getLogger(ApiSession.class.getName());

    private final Means means;
    private final AtomicInteger openFlows = new AtomicInteger();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private volatile View view;
    private volatile boolean closed;

    // On the loop.
    private final PodForwards forwards;
    private final Turns turns = new Turns();

    ApiSession(Means means, View view) {
        this.means = means;
        this.view = view;
        forwards = new PodForwards(means.forwards());
    }

    /** Takes what holds from now on, for open flows too. */
    void update(View next) {
        view = next;
        means.loop().execute(() -> forwards.keep(next.targets()));
    }

    @Override
    public Welcome welcome() {
        return view.welcome();
    }

    @Override
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        ForwardedFlow flow = new ForwardedFlow(this, target, listener);
        means.loop().execute(flow::open);
        return flow;
    }

    @Override
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        return prohibit(
                "udp " + Targets.text(target) + ": " + Targets.UDP,
                () -> listener.unreachable(DialOutcome.PROHIBITED));
    }

    @Override
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        return prohibit(
                "ping " + AddressText.of(target) + ": " + Targets.ECHO,
                () -> listener.unreachable(DialOutcome.PROHIBITED));
    }

    /** The flow stays open: each datagram is answered. */
    private UdpFlow prohibit(String why, Runnable told) {
        return new UdpFlow() {
            @Override
            public boolean send(ByteBuffer payload) {
                means.refusals().add(why);
                means.loop().execute(told);
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
        boolean fresh = means.nanoClock().getAsLong() - means.heardAtNs().getAsLong() < FRESH_NS;
        Optional<byte[]> answer =
                fresh ? view.names().answer(message.duplicate()) : Optional.empty();
        means.loop()
                .execute(
                        () -> {
                            if (answer.isPresent() && !closed) {
                                listener.answered(ByteBuffer.wrap(answer.get()));
                            } else {
                                listener.failed();
                            }
                        });
    }

    /** The table is the proof: where the API server does not answer there is no session. */
    @Override
    public void prove(Duration limit) throws IOException {
        if (closed) {
            throw new IOException("the API server does not answer");
        }
    }

    @Override
    public void renew(String token) {
        throw new UnsupportedOperationException("there is no manager to show it to");
    }

    @Override
    public Welcome remap(MappingRequest mapping, Duration limit) {
        throw new UnsupportedOperationException("its keeper does");
    }

    /** A flow is a connection of the API server's, which nobody else has. */
    @Override
    public void carry() {}

    @Override
    public void leave() {}

    @Override
    public SessionStatistics statistics() {
        return new SessionStatistics(
                means.roundTripNs().getAsLong(),
                bytesSent.sum(),
                bytesReceived.sum(),
                openFlows.get(),
                0);
    }

    /** Resets all flows. */
    @Override
    public void close() {
        closed = true;
        means.loop().execute(forwards::closeAll);
    }

    // ---- for flows, on the loop

    boolean isClosed() {
        return closed;
    }

    EventLoop loop() {
        return means.loop();
    }

    Targets.Choice choose(InetSocketAddress target) {
        if (closed) {
            return new Targets.Choice.Refused(
                    DialOutcome.TUNNEL_DOWN, "the API server does not answer");
        }
        if (openFlows.get() > MOST_FLOWS) {
            return new Targets.Choice.Refused(
                    DialOutcome.TUNNEL_DOWN, MOST_FLOWS + " connections are open already");
        }
        return view.targets().choose(target);
    }

    List<Targets.PodPort> order(Targets.Choice.Ports ports) {
        return turns.order(ports, means.nanoClock().getAsLong());
    }

    PodForward.Connection connect(Targets.PodPort way, PodForward.Events events) {
        return forwards.connect(way, events);
    }

    void avoid(Targets.PodPort failed) {
        turns.avoid(failed, means.nanoClock().getAsLong());
    }

    void refused(String line) {
        means.refusals().add(line);
    }

    void failed(String why) {
        LOG.log(System.Logger.Level.DEBUG, "a flow was reset: {0}", why);
    }

    void opened() {
        openFlows.incrementAndGet();
    }

    void closed() {
        openFlows.decrementAndGet();
    }

    void sent(int bytes) {
        bytesSent.add(bytes);
    }

    void received(int bytes) {
        bytesReceived.add(bytes);
    }
}
