package tp.daemon;

import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import tp.stack.DialOutcome;
import tp.stack.FlowKey;
import tp.stack.FlowView;
import tp.stack.Stack;
import tp.tunnel.TcpFlow;

/**
 * Brings together what the stack asks for, what the tunnel dials, and what the listener accepts. On
 * the TUN's thread, but for {@link #accepted}.
 *
 * <pre>
 *   dial ──▶ dialing ──ESTABLISHED──▶ expected ──accepted──▶ attached ──closed──▶ flow ended
 * </pre>
 */
final class TcpDials {

    /** An application's kernel that got no answer for so long has other trouble. */
    private static final long PATIENCE_NS = 30_000_000_000L;

    /** After a reset; a SYN that is sent again in spite of it comes within 1 s (RFC 6298 §2.1). */
    private static final long PATIENCE_AFTER_RESET_NS = 3_000_000_000L;

    private record Expected(long dialId, int slot, TcpFlow flow, long untilNs) {

        Expected until(long ns) {
            return new Expected(dialId, slot, flow, Math.min(untilNs, ns));
        }
    }

    /** A flow from its dial to its end. */
    private record Live(FlowKey ends, long sinceNs, TcpFlow flow) {

        Live with(TcpFlow dialed) {
            return new Live(ends, sinceNs, dialed);
        }
    }

    /** By the number of the dial. */
    private final Map<Long, Live> live = new HashMap<>();

    private final Map<Long, TcpFlow> dialing = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, Expected> expected = new ConcurrentHashMap<>();
    private final FlowGateway gateway;
    private final Mailbox mailbox;
    private final LocalServices local;

    /** The flow whose dial is being told to the stack. */
    private TcpFlow admitting = NoFlow.INSTANCE;

    private long nowNs;
    private final AtomicLong strangers = new AtomicLong();

    TcpDials(FlowGateway gateway, Mailbox mailbox, LocalServices local) {
        this.gateway = gateway;
        this.mailbox = mailbox;
        this.local = local;
    }

    void dial(long dialId, FlowView flow, long nowNs) {
        FlowKey ends = flow.toKey();
        InetSocketAddress target = ends.destination();
        if (!local.isHere(target.getAddress())) {
            dialThrough(dialId, ends, nowNs);
            return;
        }
        Optional<TcpFlow> served = local.connection(target);
        mailbox.post(
                served.isPresent()
                        ? new Mailbox.Letter.Dialed(dialId, DialOutcome.ESTABLISHED, served.get())
                        : new Mailbox.Letter.Dialed(dialId, DialOutcome.REFUSED, NoFlow.INSTANCE));
    }

    private void dialThrough(long dialId, FlowKey ends, long nowNs) {
        try {
            TcpFlow flow =
                    gateway.dial(
                            ends.destination(),
                            (outcome, dialed) ->
                                    mailbox.post(
                                            new Mailbox.Letter.Dialed(
                                                    dialId, Outcomes.ofDial(outcome), dialed)));
            dialing.put(dialId, flow);
            live.put(dialId, new Live(ends, nowNs, flow));
        } catch (RejectedExecutionException e) {
            // The session's loop has ended.
            mailbox.post(
                    new Mailbox.Letter.Dialed(dialId, DialOutcome.TUNNEL_DOWN, NoFlow.INSTANCE));
        }
    }

    /** {@return how many connects the manager is asked to make; any thread} */
    int inFlight() {
        return dialing.size();
    }

    void cancel(long dialId) {
        live.remove(dialId);
        TcpFlow flow = dialing.remove(dialId);
        if (flow != null) {
            reset(flow);
        }
    }

    void dialed(Mailbox.Letter.Dialed dialed, Stack stack, long nowNs) {
        dialing.remove(dialed.dialId());
        admitting = dialed.flow();
        this.nowNs = nowNs;
        boolean wanted = stack.dialed(dialed.dialId(), dialed.outcome(), nowNs);
        admitting = NoFlow.INSTANCE;
        if (dialed.outcome() != DialOutcome.ESTABLISHED) {
            live.remove(dialed.dialId());
        } else if (wanted) {
            live.computeIfPresent(dialed.dialId(), (id, flow) -> flow.with(dialed.flow()));
        } else {
            live.remove(dialed.dialId());
            reset(dialed.flow());
        }
    }

    void admitted(long dialId, int slot, InetSocketAddress place) {
        expected.put(place, new Expected(dialId, slot, admitting, nowNs + PATIENCE_NS));
    }

    /** The application's socket is closed, or was never accepted. */
    void ended(long dialId) {
        live.remove(dialId);
    }

    /** {@return the flows there are, also those that are dialed} */
    List<LiveFlow> live(long nowNs) {
        return live.values().stream()
                .map(
                        one ->
                                new LiveFlow(
                                        LiveFlow.Protocol.TCP,
                                        one.ends(),
                                        nowNs - one.sinceNs(),
                                        one.flow().statistics()))
                .toList();
    }

    /** One end has reset a connection that may not have been accepted yet, and may never be. */
    void resetSeen(InetSocketAddress place, long nowNs) {
        expected.computeIfPresent(
                place, (at, waiting) -> waiting.until(nowNs + PATIENCE_AFTER_RESET_NS));
    }

    /** Takes an accepted socket; on the session's loop. */
    void accepted(SocketChannel channel) {
        InetSocketAddress place = channel.remoteAddress();
        Expected mine = place == null ? null : expected.remove(place);
        if (mine == null) {
            // The listener serves nobody else.
            strangers.incrementAndGet();
            channel.config().setSoLinger(0);
            channel.close();
            return;
        }
        channel.closeFuture()
                .addListener(
                        closed ->
                                mailbox.post(
                                        new Mailbox.Letter.FlowEnded(mine.slot(), mine.dialId())));
        mine.flow().attach(channel);
    }

    /** Gives up connections that the stack admitted and nobody accepted. */
    void expire(long nowNs) {
        expected.forEach(
                (place, waiting) -> {
                    // Not where it is accepted at this very moment.
                    if (nowNs >= waiting.untilNs() && expected.remove(place, waiting)) {
                        reset(waiting.flow());
                        mailbox.post(
                                new Mailbox.Letter.FlowEnded(waiting.slot(), waiting.dialId()));
                    }
                });
    }

    /** Tells every application that waits for a dial that there is no network any more. */
    void abandon(Stack stack, long nowNs) {
        for (Map.Entry<Long, TcpFlow> dial : List.copyOf(dialing.entrySet())) {
            reset(dial.getValue());
            stack.dialed(dial.getKey(), DialOutcome.TUNNEL_DOWN, nowNs);
        }
        dialing.clear();
        live.clear();
        expected.values().forEach(waiting -> reset(waiting.flow()));
        expected.clear();
    }

    int dialing() {
        return dialing.size();
    }

    int expected() {
        return expected.size();
    }

    /** {@return accepted sockets that nobody expected} */
    long strangers() {
        return strangers.get();
    }

    private static void reset(TcpFlow flow) {
        try {
            flow.reset();
        } catch (RejectedExecutionException e) {
            // The session's loop has ended, and all its flows with it.
        }
    }

    /** Stands where there is no flow. */
    private enum NoFlow implements TcpFlow {
        INSTANCE;

        @Override
        public void attach(SocketChannel accepted) {
            accepted.close();
        }

        @Override
        public void reset() {}
    }
}
