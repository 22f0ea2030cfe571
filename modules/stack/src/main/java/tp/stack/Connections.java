package tp.stack;

import java.nio.ByteBuffer;
import tp.packet.IpPacket;
import tp.packet.TcpHeader;

/** TCP: held SYNs, admitted connections, and which segment belongs to what. */
final class Connections {

    /** How finely the patience with held SYNs is measured. */
    private static final long TICK_NS = 250_000_000L;

    private static final int SYN_OR_NOT = TcpHeader.SYN | TcpHeader.ACK | TcpHeader.RST;

    private final StackEvents events;
    private final Counters counters;
    private final Replies replies;
    private final FlowTable flows;
    private final HeldSyns held;

    private final TcpHeader tcp = new TcpHeader();
    private final FlowView flow = new FlowView();
    private final FlowView answered = new FlowView();
    private final IpPacket heldIp = new IpPacket();
    private final TcpHeader heldTcp = new TcpHeader();
    private long lastTickNs;

    Connections(StackSettings settings, StackEvents events, Counters counters, Replies replies) {
        this.events = events;
        this.counters = counters;
        this.replies = replies;
        int slots = settings.limits().maxFlows();
        slots = Math.min(slots, settings.ipv4().map(LocalNet::slots).orElse(slots));
        slots = Math.min(slots, settings.ipv6().map(LocalNet::slots).orElse(slots));
        flows = new FlowTable(slots, settings.limits().timeWaitNs());
        held = new HeldSyns(settings.limits().maxHeldSyns());
    }

    Verdict segment(IpPacket ip, ByteBuffer packet, LocalAddresses local, long nowNs) {
        if (!tcp.wrap(packet, ip.transportOffset(), ip.transportBytes())
                || tcp.destinationPort() == 0) {
            return drop(Counter.MALFORMED);
        }
        flow.set(ip, tcp.sourcePort(), tcp.destinationPort());
        int alias = local.aliasIndex(flow.destinationHigh, flow.destinationLow);
        if (alias >= 0
                && tcp.sourcePort() == local.listenerPort
                && local.isDevice(flow.sourceHigh, flow.sourceLow)) {
            int slot = LocalNet.slotOf(alias, tcp.destinationPort());
            return fromListener(ip, slot, local, nowNs);
        }
        return (tcp.flags() & SYN_OR_NOT) == TcpHeader.SYN
                ? syn(ip, packet, local, nowNs)
                : fromApplication(ip, local, nowNs);
    }

    private Verdict fromListener(IpPacket ip, int slot, LocalAddresses local, long nowNs) {
        if (!flows.isAttached(slot)) {
            return nobodyThere();
        }
        flows.read(slot, answered);
        if (answered.isIpv4() != ip.isIpv4()) {
            return nobodyThere();
        }
        note(slot, false, local, nowNs);
        long oldAddresses = ip.addressSum();
        ip.source(answered.destinationHigh, answered.destinationLow);
        ip.destination(answered.sourceHigh, answered.sourceLow);
        tcp.readdress(
                /* sourcePort= */ answered.destinationPort(),
                /* destinationPort= */ answered.sourcePort(),
                oldAddresses,
                ip.addressSum());
        return rewritten();
    }

    private Verdict fromApplication(IpPacket ip, LocalAddresses local, long nowNs) {
        int slot = flows.find(flow);
        if (slot >= 0) {
            note(slot, true, local, nowNs);
            toListener(ip, tcp, slot, local);
            return rewritten();
        }
        if (held.find(flow) >= 0) {
            // A connection before this one; the SYN that is held will be answered in its own time.
            return drop(Counter.UNKNOWN_FLOW_DROPPED);
        }
        return nobodyThere();
    }

    private Verdict syn(IpPacket ip, ByteBuffer packet, LocalAddresses local, long nowNs) {
        int slot = flows.find(flow);
        if (slot >= 0 && flows.initialSequence(slot) == tcp.sequence()) {
            note(slot, true, local, nowNs);
            toListener(ip, tcp, slot, local);
            return rewritten();
        }
        int entry = held.find(flow);
        if (entry >= 0) {
            if (held.sequence(entry) == tcp.sequence()) {
                held.retransmitted(entry, nowNs);
                return Verdict.CONSUMED;
            }
            forget(entry);
        }
        if (slot >= 0) {
            flows.detach(slot, nowNs);
        }
        return hold(ip, packet, local, nowNs);
    }

    private Verdict hold(IpPacket ip, ByteBuffer packet, LocalAddresses local, long nowNs) {
        if (local.isVacant(flow.destinationHigh, flow.destinationLow)) {
            events.transmit(replies.unreachable(flow, Unreachable.HOST, packet, local));
            return Verdict.CONSUMED;
        }
        if (ip.totalLength() > HeldSyns.MAX_BYTES) {
            return drop(Counter.SYN_OVERSIZE);
        }
        if (held.isFull()) {
            return drop(Counter.SYN_TABLE_FULL);
        }
        if (held.size() == 0) {
            lastTickNs = nowNs;
        }
        counters.count(Counter.SYNS_HELD);
        int entry = held.hold(flow, packet, ip.totalLength(), tcp.sequence(), nowNs);
        events.dial(held.dialId(entry), flow);
        return Verdict.CONSUMED;
    }

    boolean isIpv4(long dialId) {
        int entry = held.entryOf(dialId);
        if (entry < 0) {
            return true;
        }
        held.read(entry, answered);
        return answered.isIpv4();
    }

    boolean dialed(long dialId, DialOutcome outcome, LocalAddresses local, long nowNs) {
        int entry = held.entryOf(dialId);
        if (entry < 0 || held.isSilent(entry)) {
            return false;
        }
        return switch (outcome) {
            case ESTABLISHED -> admit(entry, local, nowNs);
            case REFUSED -> refuse(entry);
            case HOST_UNREACHABLE -> unreachable(entry, Unreachable.HOST, local);
            case NETWORK_UNREACHABLE, TUNNEL_DOWN -> unreachable(entry, Unreachable.NETWORK, local);
            case PROHIBITED -> unreachable(entry, Unreachable.PROHIBITED, local);
            case TIMED_OUT -> {
                // Kept, so that its retransmissions begin no new dial.
                held.silence(entry);
                yield true;
            }
        };
    }

    private boolean admit(int entry, LocalAddresses local, long nowNs) {
        ByteBuffer packet = load(entry);
        long dialId = held.dialId(entry);
        held.remove(entry);
        int slot = flows.admit(answered, heldTcp.sequence(), dialId, nowNs);
        if (slot < 0) {
            counters.count(Counter.FLOW_TABLE_FULL);
            return false;
        }
        counters.count(Counter.FLOWS_ADMITTED);
        toListener(heldIp, heldTcp, slot, local);
        events.admitted(dialId, slot, local.net.place(slot));
        events.transmit(packet);
        return true;
    }

    private boolean refuse(int entry) {
        load(entry);
        held.remove(entry);
        events.transmit(replies.reset(answered, heldTcp));
        return true;
    }

    private boolean unreachable(int entry, Unreachable reason, LocalAddresses local) {
        ByteBuffer packet = load(entry);
        held.remove(entry);
        events.transmit(replies.unreachable(answered, reason, packet, local));
        return true;
    }

    /** Points the views at a held SYN, whose bytes stay until another is held. */
    private ByteBuffer load(int entry) {
        ByteBuffer packet = held.packet(entry);
        held.read(entry, answered);
        heldIp.parse(packet);
        heldTcp.wrap(packet, heldIp.transportOffset(), heldIp.transportBytes());
        return packet;
    }

    void ended(int slot, long dialId, long nowNs) {
        flows.ended(slot, dialId, nowNs);
    }

    long nextTimeoutNs() {
        long tick = held.size() == 0 ? Long.MAX_VALUE : lastTickNs + TICK_NS;
        return Math.min(tick, flows.nextExpiryNs());
    }

    void onTimeout(long nowNs) {
        for (int released = flows.expire(nowNs); released > 0; released--) {
            counters.count(Counter.FLOWS_RELEASED);
        }
        if (held.size() == 0 || nowNs - lastTickNs < TICK_NS) {
            return;
        }
        lastTickNs = nowNs;
        int entry = held.nextForgotten(0, nowNs);
        for (; entry >= 0; entry = held.nextForgotten(entry + 1, nowNs)) {
            counters.count(Counter.SYNS_FORGOTTEN);
            forget(entry);
        }
    }

    int flows() {
        return flows.inUse();
    }

    int heldSyns() {
        return held.size();
    }

    private void forget(int entry) {
        long dialId = held.dialId(entry);
        boolean awaited = !held.isSilent(entry);
        held.remove(entry);
        if (awaited) {
            events.cancelDial(dialId);
        }
    }

    private void note(int slot, boolean fromApplication, LocalAddresses local, long nowNs) {
        if (!tcp.has(TcpHeader.RST)) {
            flows.packet(slot, fromApplication, tcp.has(TcpHeader.FIN), nowNs);
        } else if (flows.reset(slot, nowNs)) {
            events.resetSeen(flows.dialId(slot), slot, local.net.place(slot));
        }
    }

    private static void toListener(IpPacket ip, TcpHeader tcp, int slot, LocalAddresses local) {
        long oldAddresses = ip.addressSum();
        ip.source(local.aliasHigh(), local.aliasLow(slot));
        ip.destination(local.deviceHigh, local.deviceLow);
        tcp.readdress(LocalNet.portOf(slot), local.listenerPort, oldAddresses, ip.addressSum());
    }

    /**
     * RFC 9293 §3.10.7.1: whatever arrives for no connection is answered by a reset, but a reset.
     */
    private Verdict nobodyThere() {
        if (tcp.has(TcpHeader.RST)) {
            return drop(Counter.UNKNOWN_FLOW_DROPPED);
        }
        counters.count(Counter.UNKNOWN_FLOW_RESET);
        events.transmit(replies.reset(flow, tcp));
        return Verdict.CONSUMED;
    }

    private Verdict rewritten() {
        counters.count(Counter.PACKETS_REWRITTEN);
        return Verdict.WRITE_BACK;
    }

    private Verdict drop(Counter reason) {
        counters.count(reason);
        return Verdict.DROPPED;
    }
}
