package tp.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportHeadersTest {

    @Test
    void readsWhatWasWrittenTcp() {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        TcpHeader.write(buffer, 4, 0xfde8_0050, 0xfffffffe, 7, TcpHeader.SYN | TcpHeader.ACK);
        TcpHeader tcp = new TcpHeader();

        assertThat(tcp.wrap(buffer, 4, 25)).isTrue();
        assertThat(tcp.sourcePort()).isEqualTo(65000);
        assertThat(tcp.destinationPort()).isEqualTo(80);
        assertThat(tcp.sequence()).isEqualTo(-2);
        assertThat(tcp.acknowledgment()).isEqualTo(7);
        assertThat(tcp.has(TcpHeader.SYN)).isTrue();
        assertThat(tcp.has(TcpHeader.RST)).isFalse();
        assertThat(tcp.window()).isZero();
        assertThat(tcp.sequenceLength()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({"50, 19, false", "40, 20, false", "50, 20, true", "60, 20, false", "f0, 60, true"})
    void tcpHeaderMustBeWhole(String dataOffset, int length, boolean expected) {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        buffer.put(12, (byte) Integer.parseInt(dataOffset, 16));
        assertThat(new TcpHeader().wrap(buffer, 0, length)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 8, false", "7, 8, false", "8, 8, true", "8, 7, false", "9, 8, false"})
    void udpLengthMustFit(int field, int length, boolean expected) {
        ByteBuffer buffer = ByteBuffer.allocate(16).putShort(4, (short) field);
        assertThat(new UdpHeader().wrap(buffer, 0, length)).isEqualTo(expected);
    }

    /** RFC 768: zero means "no checksum", so a sum of zero is sent as all ones. */
    @Test
    void udpChecksumIsNeverZero() {
        ByteBuffer buffer = ByteBuffer.allocate(8);
        UdpHeader.writeChecksum(buffer, 0, 0xffff);
        UdpHeader udp = new UdpHeader();
        udp.wrap(buffer, 0, 8);
        assertThat(udp.checksum()).isEqualTo(0xffff);
    }

    /** Two datagrams of RFC 768's form, one of either family, and what may be wrong with them. */
    @ParameterizedTest
    @CsvSource({
        "4500001d0000000040110000010203040506070800010002000977c5 78, true",
        "4500001d0000000040110000010203040506070800010002000977c4 78, false",
        "4500001d00000000401100000102030405060708000100020009 000078, true", // left out
        "60000000 00091140 fd000000000000000000000000000001 fd000000000000000000000000000002"
                + " 0001000200098dd4 78, true",
        "60000000 00091140 fd000000000000000000000000000001 fd000000000000000000000000000002"
                + " 0001000200098dd4 79, false",
        "60000000 00091140 fd000000000000000000000000000001 fd000000000000000000000000000002"
                + " 0001000200090000 78, false",
    })
    void udpChecksumIsOverThePseudoHeaderToo(String hex, boolean expected) {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
        IpPacket packet = new IpPacket();
        assertThat(packet.parse(buffer)).isEqualTo(IpPacket.Kind.WHOLE);
        UdpHeader udp = new UdpHeader();
        assertThat(udp.wrap(buffer, packet.transportOffset(), packet.transportBytes())).isTrue();
        assertThat(udp.checksumMatches(packet)).isEqualTo(expected);
    }

    @Test
    void readsAnEcho() {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex("0800f7ff00010002"));
        IcmpHeader icmp = new IcmpHeader();
        assertThat(icmp.wrap(buffer, 0, 7)).isFalse();
        assertThat(icmp.wrap(buffer, 0, 8)).isTrue();
        assertThat(icmp.type()).isEqualTo(IcmpHeader.ECHO_REQUEST);
        assertThat(icmp.identifier()).isEqualTo(1);
        assertThat(icmp.sequence()).isEqualTo(2);
    }

    /** Whatever arrives, a view says yes or no. What it says yes to can be read to the end. */
    @Test
    void neverThrows() {
        SplittableRandom random = new SplittableRandom(8200);
        IpPacket packet = new IpPacket();
        TcpHeader tcp = new TcpHeader();
        UdpHeader udp = new UdpHeader();
        int accepted = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            if (bytes.length > 6) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
                bytes[bytes[0] == 0x60 ? 4 : 2] = 0;
                bytes[6] = (byte) random.nextInt(64);
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (packet.parse(buffer) == IpPacket.Kind.MALFORMED) {
                continue;
            }
            int at = packet.transportOffset();
            int length = packet.transportBytes();
            accepted++;
            assertThat(at + length).isLessThanOrEqualTo(bytes.length);
            packet.pseudoHeaderSum();
            if (tcp.wrap(buffer, at, length)) {
                assertThat(tcp.payloadBytes()).isNotNegative();
            }
            if (udp.wrap(buffer, at, length)) {
                assertThat(udp.payloadOffset() + udp.payloadBytes())
                        .isLessThanOrEqualTo(bytes.length);
            }
        }
        assertThat(accepted).isGreaterThan(1_000);
    }
}
