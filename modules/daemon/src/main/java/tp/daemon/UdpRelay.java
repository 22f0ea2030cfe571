package tp.daemon;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.DialOutcome;
import tp.tunnel.UdpListener;

/** The UDP flows, by 4-tuple. On the TUN's thread. */
final class UdpRelay {

    /** RFC 4787 §4.3 asks a NAT for 2 minutes and allows less to those who know their ports. */
    private static final long IDLE_NS = 60_000_000_000L;

    static final int MAX_FLOWS = 4_096;

    private final DatagramFlows<Ears> flows;

    UdpRelay(FlowGateway gateway, Mailbox mailbox) {
        flows =
                new DatagramFlows<>(
                        MAX_FLOWS,
                        IDLE_NS,
                        key -> new Ears(key, mailbox),
                        (key, ears) -> gateway.openUdp(key.toKey().destination(), ears));
    }

    /** Takes a datagram of an application; view and payload are borrowed. */
    void send(FlowView view, ByteBuffer payload, long nowNs) {
        DatagramFlows.Flow<Ears> flow = flows.use(view, nowNs);
        if (flow != null) {
            flows.send(view, flow, payload);
        }
    }

    /** An answer is on its way to the application. */
    void answered(FlowView view, long nowNs) {
        flows.answered(view, nowNs);
    }

    /** The tunnel has ended a flow. */
    void ended(Mailbox.Letter.UdpEnded letter) {
        flows.ended(letter.flow(), letter.listener());
    }

    void expire(long nowNs) {
        flows.expire(nowNs);
    }

    void closeAll() {
        flows.closeAll();
    }

    /** {@return the flows there are} */
    List<LiveFlow> live(long nowNs) {
        return flows.live(LiveFlow.Protocol.UDP, nowNs);
    }

    int flows() {
        return flows.size();
    }

    /** {@return flows that ended because there were too many} */
    long evicted() {
        return flows.evicted();
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
