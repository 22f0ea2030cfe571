package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static tp.stack.Dialogue.APP;
import static tp.stack.Dialogue.APP6;
import static tp.stack.Dialogue.SERVICE;
import static tp.stack.Dialogue.SERVICE6;
import static tp.stack.Packets.address;
import static tp.stack.Packets.udp;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UDP, and what is not wanted. */
class StackTest {

    private final Dialogue dialogue = new Dialogue();

    @ParameterizedTest
    @CsvSource({
        APP + "," + SERVICE + ", 1200",
        APP + "," + SERVICE + ", 0",
        APP + ", 100.127.0.2:53, 40",
        APP6 + "," + SERVICE6 + ", 1201",
    })
    void aDatagramIsToldWithItsPayload(String from, String to, int bytes) {
        ByteBuffer packet = udp(from, to, bytes);
        assertThat(dialogue.hear(packet)).containsExactly("udp " + to + " " + bytes);
        assertThat(packet.position()).isEqualTo(Packets.HEAD_ROOM);
    }

    @ParameterizedTest
    @CsvSource({
        APP + "," + SERVICE + ", 1200, send " + SERVICE + " > " + APP + " udp 1200",
        APP + "," + SERVICE + ", 0, send " + SERVICE + " > " + APP + " udp 0",
        APP + "," + SERVICE + ", 65507, send " + SERVICE + " > " + APP + " udp 65507",
        APP6 + "," + SERVICE6 + ", 65487, send " + SERVICE6 + " > " + APP6 + " udp 65487",
    })
    void anAnswerComesFromWhomItWasAsked(String from, String to, int bytes, String said) {
        FlowView flow = FlowView.of(new FlowKey(address(from), address(to)));
        ByteBuffer payload = ByteBuffer.allocate(bytes + 3).position(3);
        assertThat(dialogue.send(() -> dialogue.stack.sendUdp(flow, payload)))
                .containsExactly(said);
    }

    @Test
    void anAnswerThatFitsNoPacketIsCounted() {
        FlowView flow = FlowView.of(new FlowKey(address(APP), address(SERVICE)));
        assertThat(dialogue.stack.sendUdp(flow, ByteBuffer.allocate(65_508))).isFalse();
        assertThat(dialogue.stack.count(Counter.UDP_OVERSIZE)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        APP + "," + SERVICE + ", send icmp 3/3 from 100.127.0.2 about " + APP + " > " + SERVICE,
        APP6
                + ","
                + SERVICE6
                + ", send icmp 1/4 from fd74:7470::2 about "
                + APP6
                + " > "
                + SERVICE6,
    })
    void aClosedFarPortIsTold(String from, String to, String said) {
        FlowView flow = FlowView.of(new FlowKey(address(from), address(to)));
        assertThat(dialogue.send(() -> dialogue.stack.sendUnreachable(flow, Unreachable.PORT)))
                .containsExactly(said);
    }

    @ParameterizedTest
    @CsvSource({
        APP + ", 224.0.0.251:5353, NOT_UNICAST",
        APP + ", 255.255.255.255:67, NOT_UNICAST",
        "0.0.0.0:68, 10.96.0.10:67, NOT_UNICAST",
        "127.0.0.1:5, 10.96.0.10:67, NOT_UNICAST",
        APP6 + ", ff02::fb:5353, NOT_UNICAST",
        "fe80::1:5, " + SERVICE6 + ", NOT_UNICAST",
        APP + ", 10.96.0.10:0, MALFORMED",
    })
    void whatIsNotWantedIsDroppedAndCounted(String from, String to, Counter counter) {
        assertThat(dialogue.hear(udp(from, to, 10))).containsExactly("dropped");
        assertThat(dialogue.stack.count(counter)).isEqualTo(1);
    }

    @Test
    void aDatagramToAVacantAddressIsUnreachable() {
        assertThat(dialogue.hear(udp(APP, "100.127.0.77:9", 10)))
                .containsExactly(
                        "send icmp 3/1 from 100.127.0.2 about " + APP + " > 100.127.0.77:9");
    }
}
