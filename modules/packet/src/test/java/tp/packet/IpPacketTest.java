package tp.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.packet.IpPacket.Kind;

class IpPacketTest {

    private static final String ADDRESSES =
            "fd000000000000000000000000000001" + "fd000000000000000000000000000002";
    private static final String TCP = "04d20050000000010000000050020fff00000000";

    private final IpPacket packet = new IpPacket();

    @Test
    void readsIpv4WithOptionsAtAnOffset() {
        ByteBuffer buffer = ByteBuffer.allocate(128).position(10);
        Ipv4Header.write(buffer, 10, 44, IpProtocol.TCP, 0x0a000001, 0x0a000002);
        buffer.put(10, (byte) 0x46).limit(10 + 44 + 7);

        assertThat(packet.parse(buffer)).isEqualTo(Kind.WHOLE);
        assertThat(packet.isIpv4()).isTrue();
        assertThat(packet.transportOffset()).isEqualTo(34);
        assertThat(packet.transportBytes()).isEqualTo(20);
        assertThat(packet.protocol()).isEqualTo(IpProtocol.TCP);
        assertThat(IpAddress.toInetAddress(packet.sourceHigh(), packet.sourceLow()))
                .isEqualTo(InetAddress.ofLiteral("10.0.0.1"));
        assertThat(IpAddress.toInetAddress(packet.destinationHigh(), packet.destinationLow()))
                .isEqualTo(InetAddress.ofLiteral("10.0.0.2"));
    }

    /** First next-header, the extension headers, then what the walk must find. */
    @ParameterizedTest
    @CsvSource({
        "6, '', WHOLE, 6, 40", // plain
        "0, 0600000000000000, WHOLE, 6, 48", // hop by hop
        "60, 0601000000000000 0000000000000000, WHOLE, 6, 56", // destination options of 16 bytes
        "51, 0602000000000000 0000000000000000, WHOLE, 6, 56", // authentication, 4-byte units
        "44, 0600000000000001, WHOLE, 6, 48", // an atomic fragment is whole
        "44, 0600000100000001, FRAGMENT, 6, 48", // the first of many
        "44, 0600005800000001, FRAGMENT, 6, 48", // a later one
        "0, 2c00000000000000 1100000100000001, FRAGMENT, 17, 56",
        "43, 0600000000000000, WHOLE, 6, 48", // routing, already there
        "43, 0600000100000000, MALFORMED, 0, 0", // routing, to be routed on
        "0, 06ff000000000000, MALFORMED, 0, 0", // longer than the packet
        "59, '', WHOLE, 59, 40",
        "0, 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
                + " 0000000000000000 0000000000000000 0600000000000000, WHOLE, 6, 104",
        "0, 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
                + " 0000000000000000 0000000000000000 0000000000000000 0600000000000000,"
                + " MALFORMED, 0, 0",
    })
    void walksExtensionHeaders(
            int first, String extensions, Kind kind, int protocol, int headerBytes) {
        String rest = extensions.replace(" ", "") + TCP;
        String hex = "60000000%04x%02x40".formatted(rest.length() / 2, first) + ADDRESSES + rest;
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

        assertThat(packet.parse(buffer)).isEqualTo(kind);
        if (kind != Kind.MALFORMED) {
            assertThat(packet.protocol()).isEqualTo(protocol);
            assertThat(packet.transportOffset()).isEqualTo(headerBytes);
        }
    }

    /** Offset, "more" and identification; "don't fragment" and reserved bits do not matter. */
    @ParameterizedTest
    @CsvSource({
        "450000180007 2000 4011 0000 0a0000010a000002 00000000, 0, true, 7",
        "45000018ffff 6001 4011 0000 0a0000010a000002 00000000, 8, true, 65535",
        "450000180007 1fff 4011 0000 0a0000010a000002 00000000, 65528, false, 7",
        "60000000000c2c40 %s 1100 0001 00000007 00000000, 0, true, 7",
        "60000000000c2c40 %s 1100 000f fffffffe 00000000, 8, true, -2",
        "60000000000c2c40 %s 1100 fff8 00000007 00000000, 65528, false, 7",
        "6000000000142c40 %s 1100 fff8 00000007 0000000000000000 00000000, 65528, false, 7",
    })
    void readsAFragmentsPlace(String hex, int at, boolean more, int identification) {
        byte[] bytes = HexFormat.of().parseHex(hex.formatted(ADDRESSES).replace(" ", ""));

        assertThat(packet.parse(ByteBuffer.wrap(bytes))).isEqualTo(Kind.FRAGMENT);
        assertThat(packet.fragmentOffset()).isEqualTo(at);
        assertThat(packet.hasMoreFragments()).isEqualTo(more);
        assertThat(packet.identification()).isEqualTo(identification);
        assertThat(packet.protocol()).isEqualTo(IpProtocol.UDP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "45",
                "450000140000400040060000c0a80001c0a800", // cut off
                "440000140000400040060000c0a80001c0a80002", // header shorter than a header
                "460000140000400040060000c0a80001c0a80002", // header longer than the packet
                "450000150000400040060000c0a80001c0a80002", // packet longer than what is there
                "450000130000400040060000c0a80001c0a80002", // packet shorter than its header
                "550000140000400040060000c0a80001c0a80002", // version 5
                "6000000000010640fd0000000000000000000000000000"
                        + "01fd000000000000000000000000000002", // payload missing
                "600000000000064000000000000000000000ffff0a000001"
                        + "fd000000000000000000000000000002", // IPv4-mapped source
            })
    void refusesTheMalformed(String hex) {
        assertThat(packet.parse(ByteBuffer.wrap(HexFormat.of().parseHex(hex))))
                .isEqualTo(Kind.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "255.255.255.255", "0.0.0.0", "fd00::1", "::1", "ff02::1"})
    void addressesSurviveBothWays(String text) {
        InetAddress address = InetAddress.ofLiteral(text);
        long high = IpAddress.high(address);
        long low = IpAddress.low(address);
        assertThat(IpAddress.toInetAddress(high, low)).isEqualTo(address);
        assertThat(IpAddress.isIpv4(high, low)).isEqualTo(address.getAddress().length == 4);
    }

    /** What the stack does to every segment: both families, random contents, against full sums. */
    @Test
    void readdressingKeepsEveryChecksumRight() {
        SplittableRandom random = new SplittableRandom(9293);
        TcpHeader tcp = new TcpHeader();
        for (int round = 0; round < 5_000; round++) {
            ByteBuffer buffer = segment(random, round % 2 == 0);
            assertThat(packet.parse(buffer)).isEqualTo(Kind.WHOLE);
            tcp.wrap(buffer, packet.transportOffset(), packet.transportBytes());
            TcpHeader.writeChecksum(buffer, packet.transportOffset(), tcpSum(buffer));

            long oldAddresses = packet.addressSum();
            long high = packet.isIpv4() ? 0 : random.nextLong();
            long low = packet.isIpv4() ? IpAddress.ofIpv4(random.nextInt()) : random.nextLong();
            packet.source(high, low);
            packet.destination(high, low);
            tcp.readdress(
                    random.nextInt(65536),
                    random.nextInt(65536),
                    oldAddresses,
                    packet.addressSum());

            assertThat(Checksum.fold(tcpSum(buffer))).isEqualTo(0xffff);
            assertThat(packet.sourceLow()).isEqualTo(low);
            assertThat(packet.destinationHigh()).isEqualTo(high);
            Ipv4Header ipv4 = new Ipv4Header();
            assertThat(!packet.isIpv4() || ipv4.wrap(buffer, 0, buffer.limit())).isTrue();
            assertThat(!packet.isIpv4() || ipv4.checksumMatches()).isTrue();
        }
    }

    private long tcpSum(ByteBuffer buffer) {
        return packet.pseudoHeaderSum()
                + Checksum.sum(buffer, packet.transportOffset(), packet.transportBytes());
    }

    private static ByteBuffer segment(SplittableRandom random, boolean ipv4) {
        int header = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        byte[] bytes = new byte[header + TcpHeader.MIN_BYTES + random.nextInt(100)];
        random.nextBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (ipv4) {
            Ipv4Header.write(
                    buffer, 0, bytes.length, IpProtocol.TCP, random.nextInt(), random.nextInt());
        } else {
            Ipv6Header.write(buffer, 0, bytes.length, IpProtocol.TCP);
        }
        TcpHeader.write(buffer, header, random.nextInt(), random.nextInt(), 0, TcpHeader.ACK);
        return buffer;
    }
}
