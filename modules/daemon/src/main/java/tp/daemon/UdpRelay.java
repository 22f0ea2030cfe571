package tp.daemon;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.DialOutcome;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/**
 * The UDP flows, by 4-tuple. On the TUN's thread. A flow ends after a minute without a datagram in
 * either direction; where there are too many, the one that was idle longest makes room.
 */
final class UdpRelay {

    /** RFC 4787 §4.3 asks a NAT for 2 minutes and allows less to those who know their ports. */
    private static final long IDLE_NS = 60_000_000_000L;

    static final int MAX_FLOWS = 4_096;

    private static final class Flow {
        private final UdpFlow tunnel;
        private final UdpListener ears;
        private long lastNs;

        Flow(UdpFlow tunnel, UdpListener ears) {
            this.tunnel = tunnel;
            this.ears = ears;
        }
    }

    /** In the order of last use. */
    private final Map<FlowView, Flow> flows = new LinkedHashMap<>(64, 0.75f, true);

    private final FlowGateway gateway;
    private final Mailbox mailbox;
    private final AtomicLong evicted = new AtomicLong();

    UdpRelay(FlowGateway gateway, Mailbox mailbox) {
        this.gateway = gateway;
        this.mailbox = mailbox;
    }

    /** Takes a datagram of an application; view and payload are borrowed. */
    void send(FlowView view, ByteBuffer payload, long nowNs) {
        Flow flow = flows.get(view);
        if (flow == null) {
            flow = open(view.copy());
        }
        if (flow != null) {
            flow.lastNs = nowNs;
            try {
                flow.tunnel.send(payload);
            } catch (RejectedExecutionException e) {
                flows.remove(view);
            }
        }
    }

    private @Nullable Flow open(FlowView key) {
        if (flows.size() >= MAX_FLOWS) {
            Iterator<Flow> oldest = flows.values().iterator();
            close(oldest.next());
            oldest.remove();
            evicted.incrementAndGet();
        }
        Ears ears = new Ears(key, mailbox);
        try {
            Flow flow = new Flow(gateway.openUdp(key.toKey().destination(), ears), ears);
            flows.put(key, flow);
            return flow;
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** An answer is on its way to the application. */
    void answered(FlowView view, long nowNs) {
        Flow flow = flows.get(view);
        if (flow != null) {
            flow.lastNs = nowNs;
        }
    }

    /** The tunnel has ended a flow. */
    void ended(Mailbox.Letter.UdpEnded letter) {
        Flow flow = flows.get(letter.flow());
        if (flow != null && flow.ears.equals(letter.listener())) {
            flows.remove(letter.flow());
        }
    }

    void expire(long nowNs) {
        Iterator<Flow> oldest = flows.values().iterator();
        while (oldest.hasNext()) {
            Flow flow = oldest.next();
            if (nowNs - flow.lastNs < IDLE_NS) {
                return;
            }
            close(flow);
            oldest.remove();
        }
    }

    void closeAll() {
        flows.values().forEach(UdpRelay::close);
        flows.clear();
    }

    int flows() {
        return flows.size();
    }

    /** {@return flows that ended because there were too many} */
    long evicted() {
        return evicted.get();
    }

    private static void close(Flow flow) {
        try {
            flow.tunnel.close();
        } catch (RejectedExecutionException e) {
            // The session's loop has ended, and all its flows with it.
        }
    }

    /** Hears what the tunnel brings, on the session's loop. */
    private static final class Ears implements UdpListener {

        private final FlowView view;
        private final Mailbox mailbox;

        Ears(FlowView view, Mailbox mailbox) {
            this.view = view;
            this.mailbox = mailbox;
        }

        @Override
        public void received(ByteBuf payload) {
            mailbox.post(new Mailbox.Datagram(view, payload.retain(), Optional.empty()));
        }

        @Override
        public void unreachable(DialOutcome outcome) {
            Optional<Unreachable> reason = Outcomes.ofDatagram(outcome);
            if (reason.isPresent()) {
                mailbox.post(new Mailbox.Datagram(view, null, reason));
            }
        }

        @Override
        public void closed() {
            mailbox.post(new Mailbox.Letter.UdpEnded(view, this));
        }
    }
}
