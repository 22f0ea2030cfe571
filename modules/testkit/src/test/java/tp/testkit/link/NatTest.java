package tp.testkit.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.packet.IpProtocol;
import tp.packet.UdpHeader;

class NatTest {

    private static final String HOST = "192.168.127.2";
    private static final String SERVER = "192.168.127.1";
    private static final String OTHER = "192.168.126.9";

    private final Nat nat = new Nat(InetAddress.ofLiteral(HOST));

    @ParameterizedTest
    @ValueSource(ints = {IpProtocol.UDP, IpProtocol.TCP})
    void aFlowIsSeenAsItIsUntilTheRebind(int protocol) {
        ByteBuffer out = out(protocol, 5000);
        nat.outward(out);
        assertThat(Packets.ends(out)).isEqualTo(HOST + ":5000 > " + SERVER + ":443");

        nat.rebind(InetAddress.ofLiteral(OTHER));
        nat.outward(out);
        int port = sourcePort(out);
        assertThat(Packets.ends(out)).isEqualTo(OTHER + ":" + port + " > " + SERVER + ":443");
        assertThat(port).isNotEqualTo(5000);
        assertThat(Packets.isRight(out)).isTrue();

        ByteBuffer back = Packets.ipv4(protocol, SERVER, 443, OTHER, port, 777);
        assertThat(nat.inward(back)).isTrue();
        assertThat(Packets.ends(back)).isEqualTo(SERVER + ":443 > " + HOST + ":5000");
        assertThat(Packets.isRight(back)).isTrue();
    }

    @Test
    void aFlowKeepsItsPortUntilTheNextRebind() {
        nat.rebind(InetAddress.ofLiteral(HOST));
        int first = seenAs(5000);

        assertThat(seenAs(5001)).isNotEqualTo(first);
        assertThat(seenAs(5000)).isEqualTo(first);
        nat.rebind(InetAddress.ofLiteral(HOST));
        assertThat(seenAs(5000)).isNotEqualTo(first);
        assertThat(nat.outside()).isEqualTo(InetAddress.ofLiteral(HOST));
    }

    @Test
    void whatComesForAForgottenFlowIsDropped() {
        nat.rebind(InetAddress.ofLiteral(HOST));
        int first = seenAs(5000);
        nat.rebind(InetAddress.ofLiteral(OTHER));
        seenAs(5000);

        assertThat(nat.inward(Packets.ipv4(IpProtocol.UDP, SERVER, 443, HOST, first, 100)))
                .isFalse();
        assertThat(nat.inward(Packets.ipv4(IpProtocol.UDP, SERVER, 443, OTHER, first, 100)))
                .isFalse();
        assertThat(nat.refused()).isEqualTo(2);
    }

    @Test
    void icmpFollowsTheAddress() {
        nat.rebind(InetAddress.ofLiteral(OTHER));
        ByteBuffer ping = Packets.ipv4(IpProtocol.ICMP, HOST, 0, SERVER, 0, 84);
        nat.outward(ping);
        assertThat(Packets.ends(ping)).startsWith(OTHER);

        ByteBuffer pong = Packets.ipv4(IpProtocol.ICMP, SERVER, 0, OTHER, 0, 84);
        assertThat(nat.inward(pong)).isTrue();
        assertThat(Packets.ends(pong)).contains("> " + HOST);
    }

    @Test
    void aDatagramWithoutChecksumGetsNone() {
        nat.rebind(InetAddress.ofLiteral(OTHER));
        ByteBuffer packet = out(IpProtocol.UDP, 5000).putShort(26, (short) 0);
        nat.outward(packet);

        UdpHeader header = new UdpHeader();
        assertThat(header.wrap(packet, 20, packet.limit() - 20)).isTrue();
        assertThat(header.checksum()).isZero();
        assertThat(header.sourcePort()).isNotEqualTo(5000);
    }

    @Test
    void moreFlowsThanPortsTakeThemFromTheOldest() {
        nat.rebind(InetAddress.ofLiteral(OTHER));
        for (int port = 1; port <= 0xffff; port++) {
            seenAs(port);
        }
        int last = seenAs(0xffff);
        ByteBuffer back = Packets.ipv4(IpProtocol.UDP, SERVER, 443, OTHER, last, 100);

        assertThat(nat.inward(back)).isTrue();
        assertThat(Packets.ends(back)).endsWith(HOST + ":65535");
    }

    @Test
    void strangersAndTheOtherFamilyPassUnchanged() {
        nat.rebind(InetAddress.ofLiteral(OTHER));
        ByteBuffer stranger = Packets.ipv4(IpProtocol.UDP, "10.0.0.1", 1, SERVER, 2, 100);
        nat.outward(stranger);

        assertThat(Packets.ends(stranger)).isEqualTo("10.0.0.1:1 > " + SERVER + ":2");
        assertThat(nat.inward(ByteBuffer.allocate(5))).isTrue();
        assertThatThrownBy(() -> nat.rebind(InetAddress.ofLiteral("fd00::1")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private int seenAs(int port) {
        ByteBuffer packet = out(IpProtocol.UDP, port);
        nat.outward(packet);
        return sourcePort(packet);
    }

    private static ByteBuffer out(int protocol, int port) {
        return Packets.ipv4(protocol, HOST, port, SERVER, 443, 101);
    }

    private static int sourcePort(ByteBuffer packet) {
        return packet.getShort(20) & 0xffff;
    }
}
