package tp.stack;

import java.nio.ByteBuffer;
import tp.packet.Checksum;
import tp.packet.IcmpHeader;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;

/**
 * Builds the packets that the stack sends of its own accord. There is one buffer: a packet is good
 * until the next one is built.
 */
final class Replies {

    /** Length fields count the header in IPv4, and do not in IPv6. */
    private static final int MAX_PACKET = Ipv6Header.BYTES + 65_535;

    /**
     * What an error may quote: RFC 1812 §4.3.2.3 allows 576 bytes in all; IPv6 more, without need.
     */
    private static final int MAX_QUOTED = 576 - Ipv6Header.BYTES - IcmpHeader.BYTES;

    private final ByteBuffer out = ByteBuffer.allocateDirect(MAX_PACKET);
    private final ByteBuffer original = ByteBuffer.allocate(Ipv6Header.BYTES + UdpHeader.BYTES);
    private final FlowView ends = new FlowView();
    private final IpPacket view = new IpPacket();

    /**
     * {@return the RST that answers a segment nobody is there for} RFC 9293 §3.10.7.1: where it
     * acknowledges, the reset takes its sequence number from that; else it acknowledges the
     * segment.
     */
    ByteBuffer reset(FlowView flow, TcpHeader segment) {
        reverse(flow);
        int at = writeIp(out, ends, IpProtocol.TCP, TcpHeader.MIN_BYTES);
        if (segment.has(TcpHeader.ACK)) {
            TcpHeader.write(out, at, ends.ports, segment.acknowledgment(), 0, TcpHeader.RST);
        } else {
            int acknowledged = segment.sequence() + segment.sequenceLength();
            int flags = TcpHeader.RST | TcpHeader.ACK;
            TcpHeader.write(out, at, ends.ports, 0, acknowledged, flags);
        }
        TcpHeader.writeChecksum(out, at, transportSum());
        return out;
    }

    /** {@return the error that answers a packet} Its source is a router, {@code local}'s DNS. */
    ByteBuffer unreachable(
            FlowView flow, Unreachable reason, ByteBuffer packet, LocalAddresses local) {
        reverse(flow);
        ends.sourceHigh = local.dnsHigh;
        ends.sourceLow = local.dnsLow;
        boolean ipv4 = flow.isIpv4();
        int length = Math.min(packet.remaining(), MAX_QUOTED);
        int at = writeIp(out, ends, protocol(ipv4), IcmpHeader.BYTES + length);
        IcmpHeader.write(out, at, reason.type(ipv4), reason.code(ipv4));
        out.put(at + IcmpHeader.BYTES, packet, packet.position(), length);
        IcmpHeader.writeChecksum(out, at, icmpSum(ipv4));
        return out;
    }

    /** {@return a datagram as the application sent it, but empty} To be quoted in an error. */
    ByteBuffer emptyDatagram(FlowView flow) {
        int at = writeIp(original, flow, IpProtocol.UDP, UdpHeader.BYTES);
        UdpHeader.write(original, at, flow.sourcePort(), flow.destinationPort(), 0);
        return original;
    }

    /** {@return an echo request as the application sent it, but empty} Likewise. */
    ByteBuffer emptyEcho(FlowView flow, int sequence) {
        boolean ipv4 = flow.isIpv4();
        int at = writeIp(original, flow, protocol(ipv4), IcmpHeader.BYTES);
        int type = ipv4 ? IcmpHeader.ECHO_REQUEST : IcmpHeader.V6_ECHO_REQUEST;
        IcmpHeader.writeEcho(original, at, type, flow.sourcePort());
        original.putShort(at + IcmpHeader.SEQUENCE, (short) sequence);
        return original;
    }

    /**
     * {@return the reply to an echo of a flow: from its destination to its source}
     *
     * @param echoed sequence number and data
     */
    ByteBuffer echo(FlowView flow, ByteBuffer echoed) {
        reverse(flow);
        boolean ipv4 = flow.isIpv4();
        int length = echoed.remaining();
        int at = writeIp(out, ends, protocol(ipv4), IcmpHeader.SEQUENCE + length);
        int type = ipv4 ? IcmpHeader.ECHO_REPLY : IcmpHeader.V6_ECHO_REPLY;
        IcmpHeader.writeEcho(out, at, type, flow.sourcePort());
        out.put(at + IcmpHeader.SEQUENCE, echoed, echoed.position(), length);
        IcmpHeader.writeChecksum(out, at, icmpSum(ipv4));
        return out;
    }

    private static int protocol(boolean ipv4) {
        return ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
    }

    /** {@return whether a reply fits into one packet, however that is cut} */
    static boolean echoFits(FlowView flow, int echoedBytes) {
        return echoedBytes >= IcmpHeader.BYTES - IcmpHeader.SEQUENCE
                && fits(flow, echoedBytes - (IcmpHeader.BYTES - IcmpHeader.SEQUENCE));
    }

    /** {@return whether a payload fits into one packet, however that is cut} */
    static boolean fits(FlowView flow, int payloadBytes) {
        int header = flow.isIpv4() ? Ipv4Header.MIN_BYTES : 0;
        return payloadBytes <= 65_535 - header - UdpHeader.BYTES;
    }

    /** {@return an answer on a flow: from its destination to its source} */
    ByteBuffer datagram(FlowView flow, ByteBuffer payload) {
        reverse(flow);
        int length = payload.remaining();
        int at = writeIp(out, ends, IpProtocol.UDP, UdpHeader.BYTES + length);
        UdpHeader.write(out, at, ends.sourcePort(), ends.destinationPort(), length);
        out.put(at + UdpHeader.BYTES, payload, payload.position(), length);
        UdpHeader.writeChecksum(out, at, transportSum());
        return out;
    }

    private void reverse(FlowView flow) {
        ends.sourceHigh = flow.destinationHigh;
        ends.sourceLow = flow.destinationLow;
        ends.destinationHigh = flow.sourceHigh;
        ends.destinationLow = flow.sourceLow;
        ends.ports = Integer.rotateLeft(flow.ports, 16);
    }

    /** Writes the IP header and sets the limit to the packet's end; returns where to go on. */
    static int writeIp(ByteBuffer into, FlowView ends, int protocol, int transportBytes) {
        boolean ipv4 = ends.isIpv4();
        int at = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        into.clear().limit(at + transportBytes);
        if (ipv4) {
            int source = (int) ends.sourceLow;
            int destination = (int) ends.destinationLow;
            Ipv4Header.write(into, 0, at + transportBytes, protocol, source, destination);
        } else {
            Ipv6Header.write(into, 0, at + transportBytes, protocol);
            Ipv6Header.writeSource(into, 0, ends.sourceHigh, ends.sourceLow);
            Ipv6Header.writeDestination(into, 0, ends.destinationHigh, ends.destinationLow);
        }
        return at;
    }

    /** ICMPv4 has no pseudo-header in its checksum (RFC 792). */
    private long icmpSum(boolean ipv4) {
        int at = Ipv4Header.MIN_BYTES;
        return ipv4 ? Checksum.sum(out, at, out.limit() - at) : transportSum();
    }

    private long transportSum() {
        view.parse(out);
        return view.pseudoHeaderSum()
                + Checksum.sum(out, view.transportOffset(), view.transportBytes());
    }
}
