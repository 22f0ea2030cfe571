package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static tp.stack.Packets.address;
import static tp.stack.Packets.echo;
import static tp.stack.Packets.withIcmpChecksum;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.packet.IpPacket;

/** Echo requests are told, never answered; replies and errors go back under the same identifier. */
class EchoTest {

    private static final String APP = "100.127.0.1:4711";
    private static final String POD = "10.244.0.7:0";
    private static final String APP6 = "fd74:7470::1:65535";
    private static final String POD6 = "fd00:10::5:0";

    private final Dialogue dialogue = new Dialogue();

    @ParameterizedTest
    @CsvSource({
        APP + "," + POD + ", 1, 56, echo 10.244.0.7 id 4711 seq 1 56",
        APP + "," + POD + ", 65535, 0, echo 10.244.0.7 id 4711 seq 65535 0",
        APP + "," + POD + ", 0, 65507, echo 10.244.0.7 id 4711 seq 0 65507",
        APP6 + "," + POD6 + ", 2, 1, echo fd00:10::5 id 65535 seq 2 1",
    })
    void aRequestIsToldWithWhatIsToComeBack(
            String from, String to, int sequence, int data, String said) {
        ByteBuffer packet = echo(from, to, sequence, data);

        assertThat(dialogue.hear(packet)).containsExactly(said);
        assertThat(packet.position()).isEqualTo(Packets.HEAD_ROOM);
        assertThat(packet.limit()).isEqualTo(packet.capacity());
    }

    @ParameterizedTest
    @CsvSource({
        APP + "," + POD + ", 3, 56, 10.244.0.7 > 100.127.0.1 echo reply id 4711 seq 3 56",
        APP + "," + POD + ", 3, 0, 10.244.0.7 > 100.127.0.1 echo reply id 4711 seq 3 0",
        APP + "," + POD + ", 3, 65507, 10.244.0.7 > 100.127.0.1 echo reply id 4711 seq 3 65507",
        APP6 + "," + POD6 + ", 9, 57, fd00:10::5 > fd74:7470::1 echo reply id 65535 seq 9 57",
    })
    void aReplyComesFromWhomWasAsked(String from, String to, int sequence, int data, String said) {
        assertThat(
                        dialogue.send(
                                () ->
                                        dialogue.stack.sendEcho(
                                                flow(from, to), echoed(sequence, data))))
                .containsExactly("send " + said);
    }

    @ParameterizedTest
    @CsvSource({APP + "," + POD + ", 65510", APP + "," + POD + ", 1", APP6 + "," + POD6 + ", 0"})
    void whatFitsNoReplyIsCounted(String from, String to, int bytes) {
        assertThat(dialogue.stack.sendEcho(flow(from, to), ByteBuffer.allocate(bytes))).isFalse();
        assertThat(dialogue.stack.count(Counter.ECHO_UNFIT)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        APP + "," + POD + ", NETWORK, 3/0",
        APP + "," + POD + ", HOST, 3/1",
        APP + "," + POD + ", PORT, 3/3",
        APP + "," + POD + ", PROHIBITED, 3/13",
        APP + "," + POD + ", EXPIRED, 11/0",
        APP6 + "," + POD6 + ", NETWORK, 1/0",
        APP6 + "," + POD6 + ", HOST, 1/3",
        APP6 + "," + POD6 + ", PROHIBITED, 1/1",
        APP6 + "," + POD6 + ", EXPIRED, 3/0",
    })
    void anErrorQuotesTheRequestThatItIsAbout(
            String from, String to, Unreachable reason, String type) {
        String ends = withoutPort(from) + " > " + withoutPort(to);

        assertThat(dialogue.send(() -> dialogue.stack.sendEchoError(flow(from, to), 12, reason)))
                .containsExactly(
                        "send icmp %s from %s about %s id %d seq 12"
                                .formatted(
                                        type,
                                        from.equals(APP) ? "100.127.0.2" : "fd74:7470::2",
                                        ends,
                                        address(from).getPort()));
    }

    /** Offset in the message, and what is written there. */
    @ParameterizedTest
    @CsvSource({
        "0, 0", // a reply nobody asked for
        "0, 3", // an error
        "0, 13", // a timestamp
        "0, 128", // the other family's request
        "1, 1", // a request with a code
    })
    void otherMessagesAreDropped(int at, int value) {
        ByteBuffer packet = echo(APP, POD, 1, 56);
        packet.put(Packets.HEAD_ROOM + 20 + at, (byte) value);

        assertDropped(withIcmpChecksum(packet));
    }

    @Test
    void aWrongChecksumIsNotMended() {
        for (ByteBuffer packet : List.of(echo(APP, POD, 1, 56), echo(APP6, POD6, 1, 56))) {
            packet.put(packet.limit() - 1, (byte) 'y');
            assertThat(dialogue.hear(packet)).containsExactly("dropped");
        }
        assertThat(dialogue.stack.count(Counter.ICMP_DROPPED)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void aMessageThatIsCutOffIsDropped(int bytes) {
        ByteBuffer packet = echo(APP, POD, 1, 0);
        packet.limit(Packets.HEAD_ROOM + 20 + bytes);
        packet.putShort(Packets.HEAD_ROOM + 2, (short) (20 + bytes));

        assertDropped(packet);
    }

    @ParameterizedTest
    @CsvSource({
        APP + ", 100.127.0.2:0", // tp's resolver
        APP6 + ", fd74:7470::2:0",
    })
    void tpAnswersForNobodyNotEvenForItself(String from, String to) {
        assertDropped(echo(from, to, 1, 56));
    }

    @Test
    void aVacantAddressIsUnreachable() {
        assertThat(dialogue.hear(echo(APP, "100.127.0.77:0", 5, 56)))
                .containsExactly(
                        "send icmp 3/1 from 100.127.0.2 about 100.127.0.1 > 100.127.0.77"
                                + " id 4711 seq 5");
    }

    @ParameterizedTest
    @CsvSource({
        APP + "," + POD + ", 65507",
        APP6 + "," + POD6 + ", 65527",
        APP6 + "," + POD6 + ", 8000"
    })
    void aLongRequestIsPutTogetherOutOfItsFragments(String from, String to, int data) {
        SplittableRandom random = new SplittableRandom(data);
        ByteBuffer whole = echo(from, to, 77, data);
        List<String> said = List.of();
        for (ByteBuffer piece : Pieces.cut(random, whole, 5)) {
            said = dialogue.hear(piece);
        }

        assertThat(said)
                .containsExactly(
                        "echo %s id %d seq 77 %d"
                                .formatted(withoutPort(to), address(from).getPort(), data));
        assertThat(dialogue.payloads.getLast())
                .isEqualTo(bytes(whole, whole.limit() - data - 2, data + 2));
    }

    @Test
    void aMixtureOfTwoRequestsIsNoRequest() {
        ByteBuffer one = echo(APP, POD, 1, 40);
        ByteBuffer other = echo(APP, POD, 2, 40);

        dialogue.hear(Pieces.piece(one, 5, 0, 24, true));
        dialogue.hear(Pieces.piece(other.put(other.limit() - 1, (byte) 'y'), 5, 24, 24, false));

        assertThat(dialogue.stack.count(Counter.REASSEMBLY_WRONG)).isEqualTo(1);
        assertThat(dialogue.payloads).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({APP + "," + POD, APP6 + "," + POD6})
    void aLongReplyGoesOutInFragments(String from, String to) {
        Dialogue narrow = new Dialogue(1_500);
        narrow.send(() -> narrow.stack.sendEcho(flow(from, to), echoed(3, 8_000)));

        assertThat(narrow.sent).hasSize(6).allMatch(piece -> piece.limit() <= 1_500);
        ByteBuffer whole = Pieces.join(narrow.sent);
        IpPacket ip = new IpPacket();
        assertThat(ip.parse(whole)).isEqualTo(IpPacket.Kind.WHOLE);
        assertThat(Packets.describe(whole))
                .isEqualTo(
                        "%s > %s echo reply id %d seq 3 8000"
                                .formatted(
                                        withoutPort(to),
                                        withoutPort(from),
                                        address(from).getPort()));
    }

    private void assertDropped(ByteBuffer packet) {
        assertThat(dialogue.hear(packet)).containsExactly("dropped");
        assertThat(dialogue.stack.count(Counter.ICMP_DROPPED)).isEqualTo(1);
    }

    private static FlowView flow(String from, String to) {
        return FlowView.of(new FlowKey(address(from), address(to)));
    }

    private static ByteBuffer echoed(int sequence, int data) {
        return ByteBuffer.allocate(5 + data).putShort(3, (short) sequence).position(3);
    }

    private static byte[] bytes(ByteBuffer buffer, int from, int count) {
        byte[] bytes = new byte[count];
        buffer.get(from, bytes);
        return bytes;
    }

    private static String withoutPort(String text) {
        return text.substring(0, text.lastIndexOf(':'));
    }
}
