package tp.daemon;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.connector.ClusterSession;
import tp.connector.Connector;
import tp.dns.Upstream;
import tp.dns.VirtualAddresses;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoListener;
import tp.tunnel.FlowStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/**
 * Whatever session is open at the moment. While there is none a new dial or question waits for a
 * few seconds, as a packet would in a network that has lost a route.
 */
final class SessionGateway implements FlowGateway {

    /** Where the open session comes from. */
    interface Source {

        /** {@return the open session, empty while there is none} */
        Optional<ClusterSession> session();

        /** {@return the session that a new TCP flow is to take, empty while there is none} */
        Optional<ClusterSession> sessionForFlow();

        /**
         * {@return the open session, waited for, empty where the time is up}
         *
         * @param lost is not returned
         */
        Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
                throws InterruptedException;

        static Source of(Connector connector) {
            return new Source() {
                @Override
                public Optional<ClusterSession> session() {
                    return connector.session();
                }

                @Override
                public Optional<ClusterSession> sessionForFlow() {
                    return connector.sessionForFlow();
                }

                @Override
                public Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
                        throws InterruptedException {
                    return connector.await(lost, timeoutNs);
                }
            };
        }
    }

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(4);

    /** More dials and questions than this do not wait. */
    private static final int MAX_WAITING = 1_024;

    private final Source source;
    private final VirtualFlows flows;
    private final EventLoop loop;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    SessionGateway(Source source, VirtualAddresses addresses, EventLoop loop) {
        this.source = source;
        this.flows = new VirtualFlows(addresses, loop);
        this.loop = loop;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        Optional<ClusterSession> session = source.sessionForFlow();
        if (session.isPresent()) {
            return flows.dial(session.get(), target, listener);
        }
        WaitingDial dial = new WaitingDial(target, listener);
        if (waiting.tryAcquire()) {
            Thread.ofVirtual().name("waiting-dial").start(dial::await);
        } else {
            dial.fail();
        }
        return dial;
    }

    @Override
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        Optional<ClusterSession> session = source.session();
        if (session.isPresent()) {
            return flows.openUdp(session.get(), target, listener);
        }
        loop.execute(listener::closed);
        return new NoUdp();
    }

    @Override
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        Optional<ClusterSession> session = source.session();
        if (session.isPresent()) {
            return flows.openEcho(session.get(), target, listener);
        }
        loop.execute(listener::closed);
        return new NoUdp();
    }

    /** Asks the cluster's DNS: the resolver's {@link Upstream}. */
    void ask(byte[] query, boolean tcp, Upstream.Listener listener) {
        new ClusterQuestion(source, waiting, query, tcp, listener).ask(PATIENCE_NS);
    }

    /** A dial that begins when there is a session again. */
    private final class WaitingDial implements TcpFlow {

        private final InetSocketAddress target;
        private final DialListener listener;

        /** Guarded by this, as is {@link #real}. */
        private boolean cancelled;

        private @Nullable TcpFlow real;

        WaitingDial(InetSocketAddress target, DialListener listener) {
            this.target = target;
            this.listener = listener;
        }

        void await() {
            Optional<ClusterSession> session;
            try {
                session = source.await(Optional.empty(), PATIENCE_NS);
            } catch (InterruptedException e) {
                session = Optional.empty();
            } finally {
                waiting.release();
            }
            if (session.isPresent()) {
                begin(session.get());
            } else {
                fail();
            }
        }

        private synchronized void begin(ClusterSession session) {
            if (!cancelled) {
                real = flows.dial(session, target, listener);
            }
        }

        void fail() {
            loop.execute(
                    () -> {
                        if (!isCancelled()) {
                            listener.dialed(DialOutcome.TUNNEL_DOWN, this);
                        }
                    });
        }

        private synchronized boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void attach(SocketChannel accepted) {
            accepted.unsafe().closeForcibly();
        }

        @Override
        public synchronized void reset() {
            cancelled = true;
            if (real != null) {
                real.reset();
            }
        }

        @Override
        public synchronized FlowStatistics statistics() {
            return real == null ? FlowStatistics.BEFORE : real.statistics();
        }
    }

    /** Takes nothing. */
    private record NoUdp() implements UdpFlow {
        @Override
        public boolean send(ByteBuffer payload) {
            return false;
        }

        @Override
        public void close() {}
    }
}
