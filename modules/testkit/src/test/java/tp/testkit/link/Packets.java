package tp.testkit.link;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import tp.packet.Checksum;
import tp.packet.IpAddress;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;

/** Packets with right checksums, and what tests read of them. */
final class Packets {

    private Packets() {}

    /** {@return a packet with that many bytes in all} */
    static ByteBuffer ipv4(
            int protocol, String source, int sourcePort, String target, int port, int bytes) {
        ByteBuffer packet = ByteBuffer.allocateDirect(bytes);
        Ipv4Header.write(packet, 0, bytes, protocol, ipv4(source), ipv4(target));
        for (int i = Ipv4Header.MIN_BYTES; i < bytes; i++) {
            packet.put(i, (byte) (i * 31));
        }
        int start = Ipv4Header.MIN_BYTES;
        if (protocol == IpProtocol.UDP) {
            UdpHeader.write(packet, start, sourcePort, port, bytes - start - UdpHeader.BYTES);
            UdpHeader.writeChecksum(packet, start, sum(packet));
        } else if (protocol == IpProtocol.TCP) {
            TcpHeader.write(packet, start, sourcePort << 16 | port, 1, 2, TcpHeader.ACK);
            TcpHeader.writeChecksum(packet, start, sum(packet));
        }
        return packet;
    }

    private static int ipv4(String address) {
        return (int) IpAddress.low(InetAddress.ofLiteral(address));
    }

    /** A datagram over IPv6, without a right checksum. */
    static ByteBuffer ipv6Udp(int bytes) {
        ByteBuffer packet = ByteBuffer.allocate(bytes);
        packet.put(0, (byte) 0x60).putShort(4, (short) (bytes - 40));
        packet.put(6, (byte) IpProtocol.UDP).put(8, (byte) 0xfd).put(24, (byte) 0xfd);
        return packet.putShort(44, (short) (bytes - 40));
    }

    private static long sum(ByteBuffer packet) {
        IpPacket view = new IpPacket();
        view.parse(packet);
        return view.pseudoHeaderSum()
                + Checksum.sum(packet, view.transportOffset(), view.transportBytes());
    }

    /** {@return whether header and transport checksums are right} */
    static boolean isRight(ByteBuffer packet) {
        Ipv4Header header = new Ipv4Header();
        return header.wrap(packet, 0, packet.limit())
                && header.checksumMatches()
                && Checksum.fold(sum(packet)) == 0xffff;
    }

    /** {@return {@code source:port > target:port}} */
    static String ends(ByteBuffer packet) {
        IpPacket view = new IpPacket();
        view.parse(packet);
        int at = view.transportOffset();
        return IpAddress.toInetAddress(view.sourceHigh(), view.sourceLow()).getHostAddress()
                + ":"
                + (packet.getShort(at) & 0xffff)
                + " > "
                + IpAddress.toInetAddress(view.destinationHigh(), view.destinationLow())
                        .getHostAddress()
                + ":"
                + (packet.getShort(at + 2) & 0xffff);
    }
}
