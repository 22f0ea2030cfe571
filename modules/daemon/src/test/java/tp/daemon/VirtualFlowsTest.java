package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.connector.ClusterSession;
import tp.dns.VirtualAddresses;
import tp.spi.common.Cidr;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoFailure;
import tp.tunnel.EchoListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/** Flows to virtual addresses, over a session that does what each test wants. */
class VirtualFlowsTest {

    private static final InetAddress REAL = InetAddress.ofLiteral("203.0.113.10");

    private final EventLoop loop = new DefaultEventLoop();
    private final VirtualAddresses table =
            new VirtualAddresses(
                    Optional.of(Cidr.parse("198.18.0.0/24")),
                    Cidr.parse("fd07::/64"),
                    new Random(3));
    private final VirtualFlows flows = new VirtualFlows(table, loop);
    private final InetSocketAddress virtual =
            new InetSocketAddress(
                    table.of(REAL, false, () -> "who?".getBytes(StandardCharsets.US_ASCII))
                            .orElseThrow(),
                    80);

    /** What the session saw, and what the application was told, in order. */
    private final List<String> events = new ArrayList<>();

    private final Deque<DialOutcome> outcomes = new ArrayDeque<>();
    private final List<UdpListener> datagrams = new ArrayList<>();
    private boolean dnsIsAway;

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void dialed(DialOutcome outcome, TcpFlow flow) {
        assertThat(flow).isNotNull();
        events.add("told " + outcome);
    }

    /** How the manager's dials end, whether the name can be asked for, and what happens. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ESTABLISHED            | false | dial, told ESTABLISHED",
                "REFUSED                | false | dial, told REFUSED",
                "PROHIBITED ESTABLISHED | false | dial, asked who?, dial, told ESTABLISHED",
                "PROHIBITED PROHIBITED  | false | dial, asked who?, dial, told PROHIBITED",
                "PROHIBITED             | true  | dial, asked who?, told TUNNEL_DOWN",
            })
    void whereTheManagerRefusesTheNameIsAskedForOnceMore(
            String ends, boolean away, String expected) {
        Arrays.stream(ends.split(" ")).map(DialOutcome::valueOf).forEach(outcomes::add);
        dnsIsAway = away;

        flows.dial(new Session(), virtual, this::dialed);

        assertThat(String.join(", ", events)).isEqualTo(expected);
    }

    @Test
    void whatStandsForNothingIsNobodys() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        InetAddress never = InetAddress.ofLiteral("fd07::99");

        flows.dial(
                new Session(),
                new InetSocketAddress(never, 80),
                (outcome, flow) -> {
                    dialed(outcome, flow);
                    told.countDown();
                });

        assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(events).containsExactly("told HOST_UNREACHABLE");
    }

    @Test
    void otherAddressesGoAsTheyAre() {
        outcomes.add(DialOutcome.PROHIBITED);

        flows.dial(new Session(), new InetSocketAddress("10.96.0.1", 80), this::dialed);

        assertThat(events).containsExactly("dial", "told PROHIBITED");
    }

    @Test
    void aDatagramThatWasRefusedIsSentAgainWhenTheNameWasAskedFor() {
        UdpFlow flow = flows.openUdp(new Session(), virtual, new Ears());
        flow.send(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
        datagrams.getFirst().unreachable(DialOutcome.PROHIBITED);
        datagrams.getFirst().closed();
        datagrams.getLast().received(Unpooled.EMPTY_BUFFER);
        datagrams.getLast().unreachable(DialOutcome.PROHIBITED);
        datagrams.getLast().closed();

        assertThat(events)
                .containsExactly(
                        "open",
                        "sent hello",
                        "asked who?",
                        "open",
                        "sent hello",
                        "received",
                        "unreachable PROHIBITED",
                        "closed");
    }

    @Test
    void anEchoOfAVirtualAddressIsAskedOfTheRealOne() {
        flows.openEcho(new Session(), virtual.getAddress(), new Ears());
        flows.openEcho(new Session(), InetAddress.ofLiteral("10.244.0.9"), new Ears());

        assertThat(events).containsExactly("echo 203.0.113.10", "echo 10.244.0.9");
    }

    private final class Ears implements EchoListener {
        @Override
        public void failed(int sequence, EchoFailure reason) {
            events.add("failed");
        }

        @Override
        public void received(ByteBuf payload) {
            events.add("received");
        }

        @Override
        public void unreachable(DialOutcome outcome) {
            events.add("unreachable " + outcome);
        }

        @Override
        public void closed() {
            events.add("closed");
        }
    }

    private static final class Flow implements TcpFlow {
        @Override
        public void attach(SocketChannel accepted) {}

        @Override
        public void reset() {}
    }

    private final class Session implements ClusterSession {
        @Override
        public Welcome welcome() {
            throw new UnsupportedOperationException();
        }

        @Override
        public TcpFlow dial(InetSocketAddress target, DialListener listener) {
            assertThat(table.contains(target.getAddress())).isFalse();
            events.add("dial");
            Flow flow = new Flow();
            listener.dialed(outcomes.remove(), flow);
            return flow;
        }

        @Override
        public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
            assertThat(target.getAddress()).isEqualTo(REAL);
            events.add("open");
            datagrams.add(listener);
            return new UdpFlow() {
                @Override
                public boolean send(ByteBuffer payload) {
                    events.add("sent " + StandardCharsets.US_ASCII.decode(payload.duplicate()));
                    return true;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public UdpFlow openEcho(InetAddress target, EchoListener listener) {
            events.add("echo " + target.getHostAddress());
            return new UdpFlow() {
                @Override
                public boolean send(ByteBuffer payload) {
                    return true;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
            events.add("asked " + StandardCharsets.US_ASCII.decode(message.duplicate()));
            if (dnsIsAway) {
                listener.failed();
            } else {
                listener.answered(message);
            }
        }

        @Override
        public void prove(Duration limit) {}

        @Override
        public void renew(String token) {}

        @Override
        public Welcome remap(MappingRequest mapping, Duration limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void carry() {}

        @Override
        public void leave() {}

        @Override
        public SessionStatistics statistics() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
