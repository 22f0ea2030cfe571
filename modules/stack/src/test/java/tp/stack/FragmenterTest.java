package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static tp.stack.Dialogue.APP;
import static tp.stack.Dialogue.APP6;
import static tp.stack.Dialogue.SERVICE;
import static tp.stack.Dialogue.SERVICE6;
import static tp.stack.Packets.address;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.packet.IpPacket;
import tp.packet.Ipv4Header;

/** Answers that are longer than the device's MTU. */
class FragmenterTest {

    private static final int MORE = 0x2000;

    @ParameterizedTest
    @CsvSource({
        "1500, 1472, 1452, 1, 1",
        "1500, 1473, 1453, 2, 2",
        "1500, 9000, 9000, 7, 7",
        "1500, 65507, 65527, 45, 46",
        "1280, 65507, 65527, 53, 54",
        "68, 1000, 1000, 21, 63",
        "65000, 65507, 65527, 2, 2",
        "65535, 65507, 65487, 1, 1",
        "65535, 65507, 65488, 1, 2",
    })
    void anAnswerIsCutToTheMtu(int mtu, int size, int size6, int fragments, int fragments6) {
        sends(mtu, APP, SERVICE, size, fragments);
        sends(mtu, APP6, SERVICE6, size6, fragments6);
    }

    private static void sends(int mtu, String from, String to, int size, int fragments) {
        Dialogue dialogue = new Dialogue(mtu);
        byte[] content = new byte[size];
        new SplittableRandom(size).nextBytes(content);
        FlowView flow = FlowView.of(new FlowKey(address(from), address(to)));
        for (int round = 1; round <= 2; round++) {
            dialogue.sent.clear();
            assertThat(dialogue.stack.sendUdp(flow, ByteBuffer.wrap(content))).isTrue();
            assertThat(dialogue.sent).hasSize(fragments);
            if (fragments > 1) {
                dialogue.sent.forEach(one -> isFragment(one, mtu));
                assertThat(identifications(dialogue)).containsOnly(round);
                assertThat(dialogue.stack.count(Counter.SENT_IN_FRAGMENTS)).isEqualTo(round);
            }
            ByteBuffer all = fragments == 1 ? first(dialogue) : Pieces.join(dialogue.sent);
            assertThat(Packets.describe(all)).isEqualTo(to + " > " + from + " udp " + size);
            byte[] got = new byte[size];
            all.get(all.limit() - size, got);
            assertThat(got).isEqualTo(content);
        }
    }

    private static ByteBuffer first(Dialogue dialogue) {
        return dialogue.sent.getFirst();
    }

    private static int[] identifications(Dialogue dialogue) {
        IpPacket ip = new IpPacket();
        return dialogue.sent.stream()
                .mapToInt(
                        one -> {
                            ip.parse(one);
                            return ip.identification();
                        })
                .toArray();
    }

    /** IPv4 without "don't fragment", and with a header that is right. */
    private static void isFragment(ByteBuffer packet, int mtu) {
        IpPacket ip = new IpPacket();
        assertThat(ip.parse(packet)).isEqualTo(IpPacket.Kind.FRAGMENT);
        assertThat(packet.limit()).isLessThanOrEqualTo(mtu).isEqualTo(ip.totalLength());
        if (ip.isIpv4()) {
            Ipv4Header header = new Ipv4Header();
            assertThat(header.wrap(packet, 0, packet.limit())).isTrue();
            assertThat(header.checksumMatches()).isTrue();
            assertThat(packet.getShort(6) & 0xe000 & ~MORE).isZero();
        }
    }
}
