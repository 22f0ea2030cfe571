package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tp.connector.ClusterSession;
import tp.dns.Upstream;
import tp.dns.VirtualAddresses;
import tp.spi.common.Cidr;
import tp.spi.transport.Sockets;
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

/** What applications meet while the link is away. */
class SessionGatewayTest {

    private static final InetSocketAddress TARGET = new InetSocketAddress("10.96.0.1", 80);

    private final EventLoopGroup loops = Sockets.best().loops(1);
    private final LinkedBlockingQueue<DialOutcome> outcomes = new LinkedBlockingQueue<>();
    private final AtomicBoolean reset = new AtomicBoolean();
    private final CountDownLatch back = new CountDownLatch(1);
    private volatile Optional<ClusterSession> session = Optional.empty();

    private final SessionGateway gateway =
            new SessionGateway(
                    new SessionGateway.Source() {
                        @Override
                        public Optional<ClusterSession> session() {
                            return session;
                        }

                        @Override
                        public Optional<ClusterSession> sessionForFlow() {
                            return session;
                        }

                        @Override
                        public Optional<ClusterSession> await(
                                Optional<ClusterSession> lost, long timeoutNs)
                                throws InterruptedException {
                            assertThat(back.await(5, TimeUnit.SECONDS)).isTrue();
                            return session;
                        }
                    },
                    new VirtualAddresses(
                            Optional.of(Cidr.parse("198.18.0.0/24")),
                            Cidr.parse("fd00::/64"),
                            new Random(5)),
                    loops.next());

    @AfterEach
    void stop() throws InterruptedException {
        back.countDown();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private void dialed(DialOutcome outcome, TcpFlow flow) {
        assertThat(flow).isNotNull();
        outcomes.add(outcome);
    }

    private final class FakeFlow implements TcpFlow {
        @Override
        public void attach(SocketChannel accepted) {}

        @Override
        public void reset() {
            reset.set(true);
        }
    }

    private class FakeSession implements ClusterSession {
        @Override
        public Welcome welcome() {
            throw new UnsupportedOperationException();
        }

        @Override
        public TcpFlow dial(InetSocketAddress target, DialListener listener) {
            FakeFlow flow = new FakeFlow();
            listener.dialed(DialOutcome.ESTABLISHED, flow);
            return flow;
        }

        @Override
        public UdpFlow openEcho(InetAddress target, EchoListener l) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
            listener.answered(message);
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

    @Test
    void aDialWaitsForTheLinkAndThenGoesOn() throws InterruptedException {
        TcpFlow flow = gateway.dial(TARGET, this::dialed);
        assertThat(outcomes).isEmpty();
        session = Optional.of(new FakeSession());
        back.countDown();
        assertThat(outcomes.poll(5, TimeUnit.SECONDS)).isEqualTo(DialOutcome.ESTABLISHED);
        flow.reset();
        assertThat(reset).isTrue();
    }

    @Test
    void whereTheLinkStaysAwayTheTunnelIsDown() throws InterruptedException {
        gateway.dial(TARGET, this::dialed);
        back.countDown();
        assertThat(outcomes.poll(5, TimeUnit.SECONDS)).isEqualTo(DialOutcome.TUNNEL_DOWN);
    }

    @Test
    void aDialThatWasGivenUpIsNotMade() throws InterruptedException {
        TcpFlow first = gateway.dial(TARGET, this::dialed);
        first.reset();
        session = Optional.of(new FakeSession());
        back.countDown();
        gateway.dial(TARGET, this::dialed);
        assertThat(outcomes.poll(5, TimeUnit.SECONDS)).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(outcomes).as("only the second").isEmpty();
    }

    /** Is lost or left while it is asked. */
    private final class SessionThatIsLost extends FakeSession {
        @Override
        public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
            session = Optional.of(new FakeSession());
            listener.lost();
        }
    }

    /** Says nothing in time. */
    private final class SlowSession extends FakeSession {
        @Override
        public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
            listener.failed();
        }
    }

    private static Upstream.Listener to(LinkedBlockingQueue<Object> told) {
        return new Upstream.Listener() {
            @Override
            public void answered(byte[] message) {
                told.add(List.of(message.length));
            }

            @Override
            public void failed(Upstream.Failure failure) {
                told.add(failure);
            }
        };
    }

    @Test
    void aQuestionWaitsForTheLinkAndThenIsAsked() throws InterruptedException {
        LinkedBlockingQueue<Object> told = new LinkedBlockingQueue<>();
        gateway.ask(new byte[12], false, to(told));
        assertThat(told).isEmpty();
        session = Optional.of(new FakeSession());
        back.countDown();
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo(List.of(12));
    }

    @Test
    void whereTheLinkStaysAwayAQuestionFails() throws InterruptedException {
        LinkedBlockingQueue<Object> told = new LinkedBlockingQueue<>();
        gateway.ask(new byte[12], false, to(told));
        back.countDown();
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo(Upstream.Failure.BROKEN);
    }

    @Test
    void aQuestionWhoseLinkIsLostIsAskedOverTheNext() throws InterruptedException {
        LinkedBlockingQueue<Object> told = new LinkedBlockingQueue<>();
        session = Optional.of(new SessionThatIsLost());
        back.countDown();
        gateway.ask(new byte[12], false, to(told));
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo(List.of(12));
        assertThat(told).isEmpty();
    }

    @Test
    void oneThatIsNotAnsweredInTimeIsNotAskedAgain() {
        LinkedBlockingQueue<Object> told = new LinkedBlockingQueue<>();
        session = Optional.of(new SlowSession());
        gateway.ask(new byte[12], false, to(told));
        assertThat(told).containsExactly(Upstream.Failure.BROKEN);
    }

    @Test
    void aDatagramIsNotTakenWithoutALink() throws InterruptedException {
        LinkedBlockingQueue<Object> told = new LinkedBlockingQueue<>();
        UdpFlow flow = gateway.openUdp(TARGET, new UdpListenerThatCounts(told));
        assertThat(flow.send(ByteBuffer.allocate(1))).isFalse();
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo("closed");
    }

    private record UdpListenerThatCounts(LinkedBlockingQueue<Object> told) implements UdpListener {
        @Override
        public void received(io.netty.buffer.ByteBuf payload) {}

        @Override
        public void unreachable(DialOutcome outcome) {}

        @Override
        public void closed() {
            told.add("closed");
        }
    }
}
