package tp.daemon;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoFailure;
import tp.tunnel.EchoListener;

/**
 * The flows of echo requests, by addresses and identifier: one for each ping that runs, since each
 * has an identifier of its own. On the TUN's thread.
 */
final class EchoRelay {

    /** RFC 5508 §3.2 asks a NAT for a minute; here a flow that was closed is opened again. */
    private static final long IDLE_NS = 30_000_000_000L;

    /** As many as the manager opens sockets for. */
    static final int MAX_FLOWS = 256;

    private final DatagramFlows<Ears> flows;

    EchoRelay(FlowGateway gateway, Mailbox mailbox) {
        flows =
                new DatagramFlows<>(
                        MAX_FLOWS,
                        IDLE_NS,
                        key -> new Ears(key, mailbox),
                        (key, ears) ->
                                gateway.openEcho(key.toKey().destination().getAddress(), ears));
    }

    /**
     * Takes a request of an application; both are borrowed.
     *
     * @param echoed sequence number and data
     */
    void send(FlowView view, ByteBuffer echoed, long nowNs) {
        DatagramFlows.Flow<Ears> flow = flows.use(view, nowNs);
        if (flow != null) {
            flow.ears().asked = echoed.getShort(echoed.position()) & 0xffff;
            flows.send(view, flow, echoed);
        }
    }

    /** An answer is on its way to the application. */
    void answered(FlowView view, long nowNs) {
        flows.answered(view, nowNs);
    }

    /** The tunnel has ended a flow. */
    void ended(Mailbox.Letter.EchoEnded letter) {
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
        return flows.live(LiveFlow.Protocol.PING, nowNs);
    }

    int flows() {
        return flows.size();
    }

    /** {@return flows that ended because there were too many} */
    long evicted() {
        return flows.evicted();
    }

    /** Hears what the tunnel brings, on the session's loop. */
    private static final class Ears implements EchoListener {

        private final FlowView view;
        private final Mailbox mailbox;

        /** The last request, which is what an error is about that does not say. */
        private volatile int asked;

        Ears(FlowView view, Mailbox mailbox) {
            this.view = view;
            this.mailbox = mailbox;
        }

        @Override
        public void received(ByteBuf echoed) {
            mailbox.post(new Mailbox.Echo(view, echoed.retain(), 0, Optional.empty()));
        }

        @Override
        public void failed(int sequence, EchoFailure reason) {
            mailbox.post(
                    new Mailbox.Echo(view, null, sequence, Optional.of(Outcomes.ofEcho(reason))));
        }

        @Override
        public void unreachable(DialOutcome outcome) {
            Optional<Unreachable> reason = Outcomes.ofDatagram(outcome);
            if (reason.isPresent()) {
                mailbox.post(new Mailbox.Echo(view, null, asked, reason));
            }
        }

        @Override
        public void closed() {
            mailbox.post(new Mailbox.Letter.EchoEnded(view, this));
        }
    }
}
