package tp.packet;

import java.nio.ByteBuffer;
import java.util.List;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** The views of IPv4, IPv6, TCP, UDP and ICMP over whatever the TUN may bring. */
public final class PacketViews implements Target {

    private static final int HEAD_ROOM = 12;
    private static final int OTHER_IPV4 = 0xc000_0207;
    private static final long OTHER_HIGH = 0x2001_0db8_0000_0000L;
    private static final long OTHER_LOW = 7;

    private final IpPacket ip = new IpPacket();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();

    @Override
    public void take(byte[] input) {
        ByteBuffer packet = ByteBuffer.allocate(HEAD_ROOM + input.length);
        packet.put(HEAD_ROOM, input).position(HEAD_ROOM);
        IpPacket.Kind kind = ip.parse(packet);
        if (kind == IpPacket.Kind.MALFORMED) {
            return;
        }
        int end = ip.offset() + ip.totalLength();
        Promise.kept(end <= packet.limit(), "a packet ends within its bytes");
        Promise.kept(ip.transportOffset() >= ip.offset() + 20, "there is a header");
        Promise.kept(ip.transportBytes() >= 0, "the header ends within the packet");
        Promise.same(
                ip.transportOffset() + ip.transportBytes(), end, "the upper layer is the rest");
        sums(packet);
        if (kind == IpPacket.Kind.WHOLE) {
            upperLayer(packet);
        } else {
            Promise.kept((ip.fragmentOffset() & 7) == 0, "fragments lie at multiples of eight");
            Promise.kept(
                    ip.hasMoreFragments() || ip.fragmentOffset() > 0,
                    "a fragment is not the whole");
            ip.identification();
        }
    }

    /** Against the sum as RFC 1071 §4.1 has it: word by word. */
    private void sums(ByteBuffer packet) {
        int from = ip.transportOffset();
        int count = ip.transportBytes();
        long slow = 0;
        for (int i = 0; i < count; i++) {
            int octet = packet.get(from + i) & 0xff;
            slow += i % 2 == 0 ? octet << 8 : octet;
        }
        Promise.same(
                Checksum.fold(slow),
                Checksum.fold(Checksum.sum(packet, from, count)),
                "the fast sum is the slow one");
    }

    private void upperLayer(ByteBuffer packet) {
        int at = ip.transportOffset();
        int length = ip.transportBytes();
        if (udp.wrap(packet, at, length)) {
            Promise.kept(udp.payloadBytes() >= 0, "a datagram has its header");
            Promise.kept(
                    udp.payloadOffset() + udp.payloadBytes() <= at + length,
                    "a datagram ends within its packet");
            udp.checksumMatches(ip);
        }
        if (icmp.wrap(packet, at, length)) {
            Promise.kept(
                    icmp.sequenceOffset() + icmp.sequenceBytes() == at + length,
                    "a message ends with its packet");
            icmp.isEchoRequest(ip);
            icmp.checksumMatches(ip);
        }
        if (tcp.wrap(packet, at, length)) {
            Promise.kept(tcp.payloadBytes() >= 0, "a segment has its header");
            Promise.kept(tcp.sequenceLength() >= tcp.payloadBytes(), "SYN and FIN count");
            readdressed(packet, at, length);
        }
    }

    /** RFC 1624: a sum that was right stays right, one that was wrong stays wrong. */
    private void readdressed(ByteBuffer packet, int at, int length) {
        boolean right = isRight(packet, at, length);
        boolean headerRight = headerIsRight(packet);
        long before = ip.addressSum();
        if (ip.isIpv4()) {
            ip.source(0, IpAddress.ofIpv4(OTHER_IPV4));
        } else {
            ip.destination(OTHER_HIGH, OTHER_LOW);
        }
        tcp.readdress(1024, 7100, before, ip.addressSum());
        Promise.same(right, isRight(packet, at, length), "a segment's sum is kept up");
        Promise.same(headerRight, headerIsRight(packet), "a header's sum is kept up");
    }

    private boolean isRight(ByteBuffer packet, int at, int length) {
        return Checksum.fold(ip.pseudoHeaderSum() + Checksum.sum(packet, at, length)) == 0xffff;
    }

    private boolean headerIsRight(ByteBuffer packet) {
        Ipv4Header header = new Ipv4Header();
        return ip.isIpv4()
                && header.wrap(packet, ip.offset(), ip.totalLength())
                && header.checksumMatches();
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                ipv4(IpProtocol.TCP, tcpSegment()),
                ipv4(IpProtocol.UDP, datagram()),
                ipv4(IpProtocol.ICMP, new byte[] {8, 0, 0, 0, 0, 1, 0, 1, 'x'}),
                ipv6(IpProtocol.TCP, tcpSegment()),
                ipv6(IpProtocol.FRAGMENT, new byte[] {17, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4}),
                ipv6(
                        IpProtocol.HOP_BY_HOP,
                        new byte[] {58, 0, 5, 2, 0, 0, 0, 0, (byte) 128, 0, 0, 0, 0, 1, 0, 2}));
    }

    private static byte[] tcpSegment() {
        ByteBuffer segment = ByteBuffer.allocate(24);
        TcpHeader.write(segment, 0, 40_000 << 16 | 443, 1, 2, TcpHeader.SYN);
        return segment.put(12, (byte) 0x60).putInt(20, 0x0204_05b4).array();
    }

    private static byte[] datagram() {
        ByteBuffer datagram = ByteBuffer.allocate(12);
        UdpHeader.write(datagram, 0, 40_000, 53, 4);
        return datagram.array();
    }

    private static byte[] ipv4(int protocol, byte[] content) {
        ByteBuffer packet = ByteBuffer.allocate(20 + content.length);
        Ipv4Header.write(packet, 0, packet.limit(), protocol, 0x0a60_000a, 0x0af4_0007);
        return packet.put(20, content).array();
    }

    private static byte[] ipv6(int nextHeader, byte[] content) {
        ByteBuffer packet = ByteBuffer.allocate(40 + content.length);
        Ipv6Header.write(packet, 0, packet.limit(), nextHeader);
        Ipv6Header.writeSource(packet, 0, 0xfd74_7470_0000_0000L, 1);
        Ipv6Header.writeDestination(packet, 0, 0xfd00_0010_0000_0000L, 5);
        return packet.put(40, content).array();
    }

    /** The buffer, and views that are made to look again. */
    @Override
    public long capBytes(int inputBytes) {
        return 2_048 + 2L * inputBytes;
    }
}
