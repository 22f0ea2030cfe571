package tp.daemon;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.connector.ClusterSession;
import tp.dns.VirtualAddresses;
import tp.tunnel.DialListener;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoListener;
import tp.tunnel.FlowStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/**
 * Leads flows to virtual addresses where those stand for. The manager permits an address outside
 * the cluster only where it was the answer to a question of the same session, not long ago. Where
 * it refuses, because the link is another one or the application kept the address for long, the
 * question is asked again, once: then it is the manager's fresh answer that decides.
 */
final class VirtualFlows {

    private final VirtualAddresses table;
    private final EventLoop loop;

    VirtualFlows(VirtualAddresses table, EventLoop loop) {
        this.table = table;
        this.loop = loop;
    }

    TcpFlow dial(ClusterSession session, InetSocketAddress target, DialListener listener) {
        InetAddress address = target.getAddress();
        if (!table.contains(address)) {
            return session.dial(target, listener);
        }
        Optional<VirtualAddresses.Real> real = table.real(address);
        if (real.isEmpty()) {
            loop.execute(() -> listener.dialed(DialOutcome.HOST_UNREACHABLE, NoFlow.INSTANCE));
            return NoFlow.INSTANCE;
        }
        Dialing dialing = new Dialing(session, at(real.get(), target), real.get(), listener);
        dialing.start();
        return dialing;
    }

    UdpFlow openUdp(ClusterSession session, InetSocketAddress target, UdpListener listener) {
        InetAddress address = target.getAddress();
        if (!table.contains(address)) {
            return session.openUdp(target, listener);
        }
        Optional<VirtualAddresses.Real> real = table.real(address);
        if (real.isEmpty()) {
            loop.execute(
                    () -> {
                        listener.unreachable(DialOutcome.HOST_UNREACHABLE);
                        listener.closed();
                    });
            return NoUdp.INSTANCE;
        }
        Datagrams datagrams = new Datagrams(session, at(real.get(), target), real.get(), listener);
        datagrams.open();
        return datagrams;
    }

    /** An echo that the manager refuses is not asked for again: the next request may be. */
    UdpFlow openEcho(ClusterSession session, InetAddress target, EchoListener listener) {
        if (!table.contains(target)) {
            return session.openEcho(target, listener);
        }
        Optional<VirtualAddresses.Real> real = table.real(target);
        if (real.isPresent()) {
            return session.openEcho(real.get().address(), listener);
        }
        loop.execute(
                () -> {
                    listener.unreachable(DialOutcome.HOST_UNREACHABLE);
                    listener.closed();
                });
        return NoUdp.INSTANCE;
    }

    private static InetSocketAddress at(VirtualAddresses.Real real, InetSocketAddress target) {
        return new InetSocketAddress(real.address(), target.getPort());
    }

    /** Asks the question again over that session; then comes one of the two, on its loop. */
    private static void askAgain(
            ClusterSession session, VirtualAddresses.Real real, Runnable asked, Runnable failed) {
        session.query(
                ByteBuffer.wrap(real.question()),
                false,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        asked.run();
                    }

                    @Override
                    public void failed() {
                        failed.run();
                    }
                });
    }

    /** A dial, and a second one where the first was refused and the name asked for again. */
    private static final class Dialing implements TcpFlow {

        private final ClusterSession session;
        private final InetSocketAddress target;
        private final VirtualAddresses.Real real;
        private final DialListener listener;

        /** Guarded by this, as is {@link #current}. */
        private boolean cancelled;

        private @Nullable TcpFlow current;

        Dialing(
                ClusterSession session,
                InetSocketAddress target,
                VirtualAddresses.Real real,
                DialListener listener) {
            this.session = session;
            this.target = target;
            this.real = real;
            this.listener = listener;
        }

        void start() {
            dial(this::first);
        }

        private synchronized void dial(DialListener outcome) {
            if (!cancelled) {
                current = session.dial(target, outcome);
            }
        }

        private void first(DialOutcome outcome, TcpFlow flow) {
            if (outcome == DialOutcome.PROHIBITED) {
                askAgain(session, real, () -> dial(listener), this::down);
            } else {
                listener.dialed(outcome, flow);
            }
        }

        private void down() {
            synchronized (this) {
                if (cancelled) {
                    return;
                }
            }
            listener.dialed(DialOutcome.TUNNEL_DOWN, this);
        }

        @Override
        public void attach(SocketChannel accepted) {
            TcpFlow flow;
            synchronized (this) {
                flow = current;
            }
            if (flow == null) {
                accepted.unsafe().closeForcibly();
            } else {
                flow.attach(accepted);
            }
        }

        @Override
        public synchronized void reset() {
            cancelled = true;
            if (current != null) {
                current.reset();
            }
        }

        @Override
        public synchronized FlowStatistics statistics() {
            return current == null ? FlowStatistics.BEFORE : current.statistics();
        }
    }

    /** A UDP flow, and a second one likewise; the datagram that was refused is sent again. */
    private static final class Datagrams implements UdpFlow {

        private final ClusterSession session;
        private final InetSocketAddress target;
        private final VirtualAddresses.Real real;
        private final UdpListener listener;

        /** Guarded by this, as all below: until the target gave a sign, or the manager refused. */
        private boolean first = true;

        private boolean closed;
        private @Nullable ByteBuffer latest;
        private @Nullable UdpFlow current;

        /** Null while the name is asked for again. */
        private @Nullable Attempt attempt;

        Datagrams(
                ClusterSession session,
                InetSocketAddress target,
                VirtualAddresses.Real real,
                UdpListener listener) {
            this.session = session;
            this.target = target;
            this.real = real;
            this.listener = listener;
        }

        synchronized void open() {
            Attempt next = new Attempt();
            attempt = next;
            current = session.openUdp(target, next);
        }

        @Override
        public synchronized boolean send(ByteBuffer payload) {
            if (first || attempt == null) {
                latest = ByteBuffer.allocate(payload.remaining()).put(payload.duplicate()).flip();
            }
            return attempt == null || (current != null && current.send(payload));
        }

        private synchronized void reopen() {
            if (closed) {
                return;
            }
            open();
            if (latest != null && current != null) {
                current.send(latest);
            }
            latest = null;
        }

        /** {@return whether the name is to be asked for again} */
        private synchronized boolean refused(Attempt by, DialOutcome outcome) {
            boolean again = first && by.equals(attempt) && outcome == DialOutcome.PROHIBITED;
            first = false;
            if (again) {
                attempt = null;
            } else {
                latest = null;
            }
            return again;
        }

        private synchronized void heard() {
            first = false;
            latest = null;
        }

        private synchronized boolean isCurrent(Attempt by) {
            return by.equals(attempt);
        }

        @Override
        public synchronized void close() {
            closed = true;
            if (current != null) {
                current.close();
            }
        }

        @Override
        public synchronized FlowStatistics statistics() {
            return current == null ? FlowStatistics.BEFORE : current.statistics();
        }

        private final class Attempt implements UdpListener {

            @Override
            public void received(ByteBuf payload) {
                heard();
                listener.received(payload);
            }

            @Override
            public void unreachable(DialOutcome outcome) {
                if (refused(this, outcome)) {
                    askAgain(session, real, Datagrams.this::reopen, listener::closed);
                } else {
                    listener.unreachable(outcome);
                }
            }

            /** Where another one is to come, nobody hears of the end of this one. */
            @Override
            public void closed() {
                if (isCurrent(this)) {
                    listener.closed();
                }
            }
        }
    }

    private enum NoFlow implements TcpFlow {
        INSTANCE;

        @Override
        public void attach(SocketChannel accepted) {
            accepted.unsafe().closeForcibly();
        }

        @Override
        public void reset() {}
    }

    private enum NoUdp implements UdpFlow {
        INSTANCE;

        @Override
        public boolean send(ByteBuffer payload) {
            return false;
        }

        @Override
        public void close() {}
    }
}
