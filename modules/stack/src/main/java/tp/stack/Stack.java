package tp.stack;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.packet.IcmpHeader;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.UdpHeader;

/**
 * Decides about every packet read from the TUN. For one thread, which owns it. Times are
 * nanoseconds of one clock that starts at zero or later and never goes back.
 */
public final class Stack {

    private final StackEvents events;
    private final @Nullable LocalAddresses ipv4;
    private final @Nullable LocalAddresses ipv6;
    private final Counters counters = new Counters();
    private final Replies replies = new Replies();
    private final Connections connections;
    private final Reassembly reassembly;
    private final Fragmenter fragmenter;

    private final IpPacket ip = new IpPacket();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();
    private final FlowView flow = new FlowView();

    public Stack(StackSettings settings, StackEvents events) {
        this.events = events;
        ipv4 = addresses(settings.ipv4());
        ipv6 = addresses(settings.ipv6());
        connections = new Connections(settings, events, counters, replies);
        reassembly = new Reassembly(counters, this::reassembled);
        fragmenter = new Fragmenter(settings.mtu(), events);
    }

    private static @Nullable LocalAddresses addresses(Optional<LocalNet> net) {
        return net.isPresent() ? new LocalAddresses(net.get()) : null;
    }

    /**
     * Takes one packet, between position and limit, borrowed for the call. Whatever it holds,
     * nothing is thrown.
     */
    public Verdict receive(ByteBuffer packet, long nowNs) {
        counters.count(Counter.PACKETS_RECEIVED);
        return switch (ip.parse(packet)) {
            case MALFORMED -> drop(Counter.MALFORMED);
            case FRAGMENT -> fragment(packet, nowNs);
            case WHOLE -> whole(packet, nowNs);
        };
    }

    private Verdict whole(ByteBuffer packet, long nowNs) {
        LocalAddresses local = local(ip.isIpv4());
        if (local == null || !isUnicast()) {
            return drop(Counter.NOT_UNICAST);
        }
        return switch (ip.protocol()) {
            case IpProtocol.TCP -> connections.segment(ip, packet, local, nowNs);
            case IpProtocol.UDP -> datagram(packet, local);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> message(packet, local);
            default -> drop(Counter.OTHER_PROTOCOLS);
        };
    }

    private Verdict fragment(ByteBuffer packet, long nowNs) {
        counters.count(Counter.FRAGMENTS_RECEIVED);
        return local(ip.isIpv4()) != null && isUnicast()
                ? reassembly.add(ip, packet, nowNs)
                : drop(Counter.NOT_UNICAST);
    }

    /**
     * The checksum of a whole packet is the application's own affair; that of a reassembled one is
     * all that tells whether its parts belong together (RFC 4963 §5).
     */
    private void reassembled(ByteBuffer packet) {
        LocalAddresses local = local(ip.isIpv4());
        if (local == null || ip.parse(packet) != IpPacket.Kind.WHOLE || !isIntact(packet)) {
            counters.count(Counter.REASSEMBLY_WRONG);
            return;
        }
        counters.count(Counter.DATAGRAMS_REASSEMBLED);
        if (ip.protocol() == IpProtocol.UDP) {
            datagram(packet, local);
        } else {
            message(packet, local);
        }
    }

    private boolean isIntact(ByteBuffer packet) {
        int at = ip.transportOffset();
        int length = ip.transportBytes();
        return switch (ip.protocol()) {
            case IpProtocol.UDP -> udp.wrap(packet, at, length) && udp.checksumMatches(ip);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 ->
                    icmp.wrap(packet, at, length) && icmp.checksumMatches(ip);
            default -> false;
        };
    }

    private Verdict datagram(ByteBuffer packet, LocalAddresses local) {
        if (!udp.wrap(packet, ip.transportOffset(), ip.transportBytes())
                || udp.destinationPort() == 0) {
            return drop(Counter.MALFORMED);
        }
        flow.set(ip, udp.sourcePort(), udp.destinationPort());
        if (local.isVacant(flow.destinationHigh, flow.destinationLow)) {
            events.transmit(replies.unreachable(flow, Unreachable.HOST, packet, local));
            return Verdict.CONSUMED;
        }
        counters.count(Counter.UDP_RECEIVED);
        int position = packet.position();
        int limit = packet.limit();
        int from = udp.payloadOffset();
        packet.limit(from + udp.payloadBytes()).position(from);
        events.udp(flow, packet);
        packet.limit(limit).position(position);
        return Verdict.CONSUMED;
    }

    /**
     * An echo request goes on as what it asks to have back, and gets a new checksum on the far
     * side; so a wrong one would be mended if nobody looked. Errors are about what the kernel sent,
     * which goes no further than here: nobody is there to be told.
     */
    private Verdict message(ByteBuffer packet, LocalAddresses local) {
        if (!icmp.wrap(packet, ip.transportOffset(), ip.transportBytes())
                || !icmp.isEchoRequest(ip)
                || !icmp.checksumMatches(ip)) {
            return drop(Counter.ICMP_DROPPED);
        }
        flow.set(ip, icmp.identifier(), 0);
        if (local.isDns(flow.destinationHigh, flow.destinationLow)) {
            return drop(Counter.ICMP_DROPPED);
        }
        if (local.isVacant(flow.destinationHigh, flow.destinationLow)) {
            events.transmit(replies.unreachable(flow, Unreachable.HOST, packet, local));
            return Verdict.CONSUMED;
        }
        counters.count(Counter.ECHO_REQUESTS);
        int position = packet.position();
        int limit = packet.limit();
        int from = icmp.sequenceOffset();
        packet.limit(from + icmp.sequenceBytes()).position(from);
        events.echo(flow, packet);
        packet.limit(limit).position(position);
        return Verdict.CONSUMED;
    }

    /**
     * Says how a dial ended.
     *
     * @return false where nobody waits for it any more, or no slot is free: what was dialled is
     *     then the caller's to reset
     */
    public boolean dialed(long dialId, DialOutcome outcome, long nowNs) {
        LocalAddresses local = local(connections.isIpv4(dialId));
        return local != null && connections.dialed(dialId, outcome, local, nowNs);
    }

    /** Says that an admitted connection's local socket is gone, or never came. */
    public void flowEnded(int slot, long dialId, long nowNs) {
        connections.ended(slot, dialId, nowNs);
    }

    /**
     * Answers a datagram: from the flow's destination to its source.
     *
     * @return false where the payload fits no packet
     */
    public boolean sendUdp(FlowView flow, ByteBuffer payload) {
        if (!Replies.fits(flow, payload.remaining())) {
            counters.count(Counter.UDP_OVERSIZE);
            return false;
        }
        counters.count(Counter.UDP_SENT);
        transmit(replies.datagram(flow, payload), flow.isIpv4(), IpProtocol.UDP);
        return true;
    }

    /**
     * Replies to an echo request of a flow.
     *
     * @param echoed sequence number and data, as they came back
     * @return false where they fit no packet
     */
    public boolean sendEcho(FlowView flow, ByteBuffer echoed) {
        if (!Replies.echoFits(flow, echoed.remaining())) {
            counters.count(Counter.ECHO_UNFIT);
            return false;
        }
        counters.count(Counter.ECHO_REPLIES);
        boolean ipv4 = flow.isIpv4();
        int protocol = ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        transmit(replies.echo(flow, echoed), ipv4, protocol);
        return true;
    }

    private void transmit(ByteBuffer packet, boolean ipv4, int protocol) {
        if (fragmenter.fits(packet)) {
            events.transmit(packet);
        } else {
            counters.count(Counter.SENT_IN_FRAGMENTS);
            fragmenter.transmit(packet, ipv4, protocol);
        }
    }

    /** Tells the application that its datagrams do not arrive. */
    public void sendUnreachable(FlowView flow, Unreachable reason) {
        LocalAddresses local = local(flow.isIpv4());
        if (local != null) {
            ByteBuffer quoted = replies.emptyDatagram(flow);
            events.transmit(replies.unreachable(flow, reason, quoted, local));
        }
    }

    /** Tells the application that an echo request of it does not arrive. */
    public void sendEchoError(FlowView flow, int sequence, Unreachable reason) {
        LocalAddresses local = local(flow.isIpv4());
        if (local != null) {
            ByteBuffer quoted = replies.emptyEcho(flow, sequence);
            events.transmit(replies.unreachable(flow, reason, quoted, local));
        }
    }

    /** {@return when {@link #onTimeout} is due, or Long.MAX_VALUE} */
    public long nextTimeoutNs() {
        return Math.min(connections.nextTimeoutNs(), reassembly.nextTimeoutNs());
    }

    public void onTimeout(long nowNs) {
        connections.onTimeout(nowNs);
        reassembly.onTimeout(nowNs);
    }

    /** {@return a count; any thread may ask} */
    public long count(Counter counter) {
        return counters.value(counter);
    }

    /** {@return connections open or in TIME_WAIT; for the owner thread} */
    public int flows() {
        return connections.flows();
    }

    /** {@return connections whose dial is not decided or whose remote is silent; likewise} */
    public int heldSyns() {
        return connections.heldSyns();
    }

    /** {@return datagrams of which some fragments are here, or were dropped; likewise} */
    public int reassembling() {
        return reassembly.inFlight();
    }

    private @Nullable LocalAddresses local(boolean isIpv4) {
        return isIpv4 ? ipv4 : ipv6;
    }

    private Verdict drop(Counter reason) {
        counters.count(reason);
        return Verdict.DROPPED;
    }

    private boolean isUnicast() {
        return isUnicast(ip.sourceHigh(), ip.sourceLow())
                && isUnicast(ip.destinationHigh(), ip.destinationLow());
    }

    /** Neither multicast, broadcast, reserved, loopback, unspecified nor link-local. */
    private static boolean isUnicast(long high, long low) {
        if (high == 0 && (low >>> 32) == 0xffff) {
            int first = (int) (low >>> 24) & 0xff;
            return first != 0 && first != 127 && first < 224;
        }
        boolean reserved = high == 0 && (low >>> 1) == 0;
        return !reserved && (high >>> 56) != 0xff && (high >>> 54) != (0xfe80 >>> 6);
    }
}
