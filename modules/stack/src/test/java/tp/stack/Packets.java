package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import tp.packet.Checksum;
import tp.packet.IcmpHeader;
import tp.packet.IpAddress;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;

/** Builds packets and writes them as a line of text, so that a dialogue can be read. */
final class Packets {

    /** Packets of a device begin behind head-room. */
    static final int HEAD_ROOM = 12;

    private Packets() {}

    /** {@code flags} is any of "S", "A", "F", "R"; a SYN carries an MSS option as real ones do. */
    static ByteBuffer tcp(String from, String to, String flags, int sequence, int acknowledgment) {
        return tcp(from, to, flags, sequence, acknowledgment, 0);
    }

    static ByteBuffer tcp(
            String from, String to, String flags, int sequence, int acknowledgment, int data) {
        InetSocketAddress source = address(from);
        InetSocketAddress destination = address(to);
        int options = flags.contains("S") ? 4 : 0;
        int length = TcpHeader.MIN_BYTES + options + data;
        ByteBuffer packet = ip(source, destination, IpProtocol.TCP, length);
        int at = packet.limit() - length;
        int ports = source.getPort() << 16 | destination.getPort();
        TcpHeader.write(packet, at, ports, sequence, acknowledgment, bits(flags));
        packet.put(at + 12, (byte) ((TcpHeader.MIN_BYTES + options) << 2));
        if (options > 0) {
            packet.putInt(at + TcpHeader.MIN_BYTES, 0x020405b4);
        }
        fill(packet, at + TcpHeader.MIN_BYTES + options);
        TcpHeader.writeChecksum(packet, at, sum(packet));
        return packet;
    }

    static ByteBuffer udp(String from, String to, int data) {
        InetSocketAddress source = address(from);
        InetSocketAddress destination = address(to);
        int length = UdpHeader.BYTES + data;
        ByteBuffer packet = ip(source, destination, IpProtocol.UDP, length);
        int at = packet.limit() - length;
        UdpHeader.write(packet, at, source.getPort(), destination.getPort(), data);
        fill(packet, at + UdpHeader.BYTES);
        UdpHeader.writeChecksum(packet, at, sum(packet));
        return packet;
    }

    /** Puts the right checksum into a datagram. */
    static ByteBuffer withChecksum(ByteBuffer packet) {
        IpPacket ip = new IpPacket();
        ip.parse(packet);
        packet.putShort(ip.transportOffset() + 6, (short) 0);
        UdpHeader.writeChecksum(packet, ip.transportOffset(), sum(packet));
        return packet;
    }

    /** An echo request; the source's port is its identifier. */
    static ByteBuffer echo(String from, String to, int sequence, int data) {
        InetSocketAddress source = address(from);
        boolean ipv4 = source.getAddress().getAddress().length == 4;
        int length = IcmpHeader.BYTES + data;
        int protocol = ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        ByteBuffer packet = ip(source, address(to), protocol, length);
        int at = packet.limit() - length;
        int type = ipv4 ? IcmpHeader.ECHO_REQUEST : IcmpHeader.V6_ECHO_REQUEST;
        IcmpHeader.writeEcho(packet, at, type, source.getPort());
        packet.putShort(at + IcmpHeader.SEQUENCE, (short) sequence);
        fill(packet, at + IcmpHeader.BYTES);
        return withIcmpChecksum(packet);
    }

    /** Puts the right checksum into an ICMP message. */
    static ByteBuffer withIcmpChecksum(ByteBuffer packet) {
        IpPacket ip = new IpPacket();
        ip.parse(packet);
        int at = ip.transportOffset();
        packet.putShort(at + 2, (short) 0);
        long own = Checksum.sum(packet, at, ip.transportBytes());
        IcmpHeader.writeChecksum(packet, at, ip.isIpv4() ? own : sum(packet));
        return packet;
    }

    /** {@return what a packet says, after its checksums were found right} */
    static String describe(ByteBuffer packet) {
        IpPacket ip = new IpPacket();
        if (ip.parse(packet) != IpPacket.Kind.WHOLE) {
            return "not a packet";
        }
        String trouble = checkSums(ip, packet);
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return switch (ip.protocol()) {
            case IpProtocol.TCP -> describeTcp(ip, packet);
            case IpProtocol.UDP -> describeUdp(ip, packet);
            default -> describeIcmp(ip, packet);
        };
    }

    private static String describeTcp(IpPacket ip, ByteBuffer packet) {
        TcpHeader tcp = new TcpHeader();
        tcp.wrap(packet, ip.transportOffset(), ip.transportBytes());
        StringBuilder flags = new StringBuilder();
        for (String flag : new String[] {"S", "A", "F", "R"}) {
            flags.append(tcp.has(bits(flag)) ? flag : "");
        }
        return "%s seq %d ack %d%s"
                .formatted(
                        ends(ip, tcp.sourcePort(), tcp.destinationPort()) + " " + flags,
                        tcp.sequence(),
                        tcp.acknowledgment(),
                        tcp.payloadBytes() == 0 ? "" : " data " + tcp.payloadBytes());
    }

    private static String describeUdp(IpPacket ip, ByteBuffer packet) {
        UdpHeader udp = new UdpHeader();
        udp.wrap(packet, ip.transportOffset(), ip.transportBytes());
        return ends(ip, udp.sourcePort(), udp.destinationPort()) + " udp " + udp.payloadBytes();
    }

    private static String describeIcmp(IpPacket ip, ByteBuffer packet) {
        IcmpHeader icmp = new IcmpHeader();
        icmp.wrap(packet, ip.transportOffset(), ip.transportBytes());
        if (icmp.type() == (ip.isIpv4() ? IcmpHeader.ECHO_REPLY : IcmpHeader.V6_ECHO_REPLY)) {
            return "%s > %s echo reply id %d seq %d %d"
                    .formatted(
                            text(ip.sourceHigh(), ip.sourceLow()),
                            text(ip.destinationHigh(), ip.destinationLow()),
                            icmp.identifier(),
                            icmp.sequence(),
                            ip.transportBytes() - IcmpHeader.BYTES);
        }
        int quoted = ip.transportOffset() + IcmpHeader.BYTES;
        ByteBuffer inner = packet.duplicate().position(quoted);
        IpPacket innerIp = new IpPacket();
        innerIp.parse(inner);
        IcmpHeader echo = new IcmpHeader();
        if (echo.wrap(inner, innerIp.transportOffset(), innerIp.transportBytes())
                && echo.isEchoRequest(innerIp)) {
            return "icmp %d/%d from %s about %s > %s id %d seq %d"
                    .formatted(
                            icmp.type(),
                            icmp.code(),
                            text(ip.sourceHigh(), ip.sourceLow()),
                            text(innerIp.sourceHigh(), innerIp.sourceLow()),
                            text(innerIp.destinationHigh(), innerIp.destinationLow()),
                            echo.identifier(),
                            echo.sequence());
        }
        int ports = inner.getInt(innerIp.transportOffset());
        return "icmp %d/%d from %s about %s"
                .formatted(
                        icmp.type(),
                        icmp.code(),
                        text(ip.sourceHigh(), ip.sourceLow()),
                        ends(innerIp, ports >>> 16, ports & 0xffff));
    }

    private static String checkSums(IpPacket ip, ByteBuffer packet) {
        Ipv4Header ipv4 = new Ipv4Header();
        if (ip.isIpv4()
                && (!ipv4.wrap(packet, packet.position(), packet.remaining())
                        || !ipv4.checksumMatches())) {
            return "wrong IP checksum";
        }
        boolean pseudo = ip.protocol() != IpProtocol.ICMP;
        long sum = Checksum.sum(packet, ip.transportOffset(), ip.transportBytes());
        sum += pseudo ? ip.pseudoHeaderSum() : 0;
        return Checksum.fold(sum) == 0xffff ? "" : "wrong checksum";
    }

    private static String ends(IpPacket ip, int sourcePort, int destinationPort) {
        return text(ip.sourceHigh(), ip.sourceLow())
                + ":"
                + sourcePort
                + " > "
                + text(ip.destinationHigh(), ip.destinationLow())
                + ":"
                + destinationPort;
    }

    /**
     * Zero runs of IPv6 are shortened at their end only, which is enough for the tests' addresses.
     */
    private static String text(long high, long low) {
        InetAddress address = IpAddress.toInetAddress(high, low);
        String text = address.getHostAddress();
        return text.contains(":") ? text.replaceFirst("(:0)+:", "::") : text;
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(
                InetAddress.ofLiteral(text.substring(0, colon)),
                Integer.parseInt(text.substring(colon + 1)));
    }

    private static ByteBuffer ip(
            InetSocketAddress from, InetSocketAddress to, int protocol, int length) {
        long high = IpAddress.high(from.getAddress());
        long low = IpAddress.low(from.getAddress());
        long toHigh = IpAddress.high(to.getAddress());
        long toLow = IpAddress.low(to.getAddress());
        boolean ipv4 = IpAddress.isIpv4(high, low);
        int total = length + (ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES);
        ByteBuffer packet = ByteBuffer.allocate(HEAD_ROOM + total).position(HEAD_ROOM);
        if (ipv4) {
            Ipv4Header.write(packet, HEAD_ROOM, total, protocol, (int) low, (int) toLow);
        } else {
            Ipv6Header.write(packet, HEAD_ROOM, total, protocol);
            Ipv6Header.writeSource(packet, HEAD_ROOM, high, low);
            Ipv6Header.writeDestination(packet, HEAD_ROOM, toHigh, toLow);
        }
        return packet;
    }

    private static long sum(ByteBuffer packet) {
        IpPacket ip = new IpPacket();
        ip.parse(packet);
        return ip.pseudoHeaderSum()
                + Checksum.sum(packet, ip.transportOffset(), ip.transportBytes());
    }

    private static void fill(ByteBuffer packet, int from) {
        byte[] data = new byte[packet.limit() - from];
        Arrays.fill(data, (byte) 'x');
        packet.put(from, data);
    }

    private static int bits(String flags) {
        return (flags.contains("S") ? TcpHeader.SYN : 0)
                | (flags.contains("A") ? TcpHeader.ACK : 0)
                | (flags.contains("F") ? TcpHeader.FIN : 0)
                | (flags.contains("R") ? TcpHeader.RST : 0);
    }
}
