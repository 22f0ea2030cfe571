package tp.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static tp.stack.Dialogue.APP;
import static tp.stack.Dialogue.APP6;
import static tp.stack.Dialogue.SECOND;
import static tp.stack.Dialogue.SERVICE;
import static tp.stack.Dialogue.SERVICE6;
import static tp.stack.Packets.udp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tp.packet.IpPacket;

/** Datagrams that come in fragments. */
class ReassemblyTest {

    private final Dialogue dialogue = new Dialogue();

    /**
     * A datagram of 40 bytes, so 48 with its header; its fragments as offset-length, with a plus
     * where more are to come and an exclamation mark where a byte of them is another; how often it
     * is told, and what is counted.
     */
    private static final String[] CASES = {
        "0-48, 1, ",
        "0-24+ 24-24, 1, DATAGRAMS_REASSEMBLED",
        "24-24 0-24+, 1, DATAGRAMS_REASSEMBLED",
        "16-8+ 40-8 0-8+ 32-8+ 8-8+ 24-8+, 1, DATAGRAMS_REASSEMBLED",
        "0-24+ 0-24+ 24-24, 1, FRAGMENTS_DUPLICATE",
        "24-24 24-24 0-24+, 1, FRAGMENTS_DUPLICATE",
        "0-24+, 0, ",
        "0-24+ 32-16, 0, ", // a hole
        "24-24, 0, ", // the first one missing
        "0-24+ 16-32, 0, REASSEMBLY_OVERLAP", // teardrop
        "0-24+ 8-8+ 24-24, 0, REASSEMBLY_OVERLAP", // inside
        "8-8+ 0-24+ 24-24, 0, REASSEMBLY_OVERLAP", // around
        "8-8+ 0-16+ 16-32, 0, REASSEMBLY_OVERLAP",
        "0-8+ 8-8+ 0-16+ 16-32, 0, REASSEMBLY_OVERLAP",
        "0-16+ 0-8+ 16-32, 0, REASSEMBLY_OVERLAP", // begins alike, ends elsewhere
        "0-8+ 0-16+ 16-32, 0, REASSEMBLY_OVERLAP",
        "0-24+ 0-24+! 24-24, 0, REASSEMBLY_OVERLAP", // the same place, another content
        "0-24+ 24-8+ 24-8 32-16, 0, REASSEMBLY_OVERLAP", // the same place, and now the last
        "24-24 24-24+ 0-24+, 0, REASSEMBLY_OVERLAP",
        "24-21 24-24+ 0-24+, 0, REASSEMBLY_OVERLAP",
        "0-24+ 48-8 24-8, 0, REASSEMBLY_OVERLAP", // two ends
        "0-24+ 48-8+ 24-24, 0, REASSEMBLY_OVERLAP", // data behind the end
        "24-24 48-8+ 0-24+, 0, REASSEMBLY_OVERLAP",
        "0-24+ 24-24! , 0, REASSEMBLY_WRONG", // checksum
        "0-24+ 24-16, 0, REASSEMBLY_WRONG", // shorter than its header says
        "0-24+ 16-32 24-24, 0, FRAGMENTS_LATE",
        "0-23+ 0-24+ 24-24, 1, FRAGMENTS_MALFORMED",
        "0-0+ 0-24+ 24-24, 1, FRAGMENTS_MALFORMED",
        "48-0 0-24+ 24-24, 1, FRAGMENTS_MALFORMED",
        "65528-8 0-24+ 24-24, 0, REASSEMBLY_TOO_LONG",
        "0-24+ 64000-1600+ 24-24, 0, REASSEMBLY_TOO_LONG",
    };

    static Stream<Arguments> cases() {
        return Stream.of(List.of(APP, SERVICE), List.of(APP6, SERVICE6))
                .flatMap(
                        ends ->
                                Arrays.stream(CASES)
                                        .map(line -> line.split(",", -1))
                                        .map(one -> arguments(ends, one)));
    }

    private static Arguments arguments(List<String> ends, String[] line) {
        return Arguments.of(
                ends.getFirst(),
                ends.getLast(),
                line[0].strip(),
                Integer.parseInt(line[1].strip()),
                line[2].strip());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fragmentsMakeADatagramOrNone(
            String from, String to, String fragments, int told, String counted) {
        ByteBuffer packet = udp(from, to, 40);
        for (String fragment : fragments.split(" ", -1)) {
            hear(piece(packet, fragment));
        }
        assertThat(dialogue.payloads).hasSize(told);
        assertThat(dialogue.payloads)
                .allMatch(got -> Arrays.equals(got, "x".repeat(40).getBytes(US_ASCII)));
        if (!counted.isEmpty()) {
            assertThat(dialogue.stack.count(Counter.valueOf(counted))).isEqualTo(1);
        }
        dialogue.pass(Reassembly.LIFE_NS + SECOND);
        assertThat(dialogue.stack.reassembling()).isZero();
        assertThat(dialogue.stack.nextTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    private static ByteBuffer piece(ByteBuffer packet, String text) {
        String[] numbers = text.replaceAll("[+!]", "").split("-", -1);
        int at = Integer.parseInt(numbers[0]);
        int count = Integer.parseInt(numbers[1]);
        ByteBuffer piece = Pieces.piece(packet, 7, at, count, text.contains("+"));
        if (text.contains("!")) {
            piece.put(piece.limit() - 1, (byte) 'y');
        }
        return piece;
    }

    /** Random cuts, orders and duplicates, several datagrams at once: each is told as it was. */
    @Test
    void howeverItIsCutADatagramIsTheSame() {
        SplittableRandom random = new SplittableRandom(8_200);
        for (int round = 0; round < 400; round++) {
            List<String> wanted = new ArrayList<>();
            List<ByteBuffer> pieces = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                ByteBuffer packet = datagram(random);
                int header = packet.get(Packets.HEAD_ROOM) >> 4 == 4 ? 28 : 48;
                byte[] payload = new byte[packet.remaining() - header];
                packet.get(packet.position() + header, payload);
                wanted.add(brief(payload));
                pieces.addAll(Pieces.cut(random, packet, 100 * round + i));
            }
            for (int i = round % 5; i > 0; i--) {
                pieces.add(pieces.get(random.nextInt(pieces.size())));
            }
            shuffle(random, pieces);
            dialogue.payloads.clear();
            pieces.forEach(this::hear);
            List<String> told = dialogue.payloads.stream().map(ReassemblyTest::brief).toList();
            if (round % 5 == 0) {
                assertThat(told).containsExactlyInAnyOrderElementsOf(wanted);
            } else {
                // Where every fragment comes twice, so may the datagram.
                assertThat(told).hasSameElementsAs(wanted);
            }
            // Duplicates that came after the end are the begin of nothing.
            dialogue.pass(2 * Reassembly.LIFE_NS);
            assertThat(dialogue.stack.reassembling()).isZero();
        }
        assertThat(dialogue.stack.count(Counter.FRAGMENTS_DUPLICATE)).isPositive();
        assertThat(dialogue.stack.count(Counter.REASSEMBLY_OVERLAP)).isZero();
        assertThat(dialogue.stack.count(Counter.REASSEMBLY_WRONG)).isZero();
    }

    private static String brief(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return payload.length + " bytes, " + crc.getValue();
    }

    private static ByteBuffer datagram(SplittableRandom random) {
        boolean ipv4 = random.nextBoolean();
        int longest = ipv4 ? 65_507 : 65_527;
        int size = random.nextInt(4) == 0 ? longest : random.nextInt(1, longest);
        ByteBuffer packet = ipv4 ? udp(APP, SERVICE, size) : udp(APP6, SERVICE6, size);
        byte[] content = new byte[size];
        random.nextBytes(content);
        packet.put(packet.limit() - size, content);
        return Packets.withChecksum(packet);
    }

    /** Whatever comes, in whatever order: no exception, no more than the caps, and then nothing. */
    @Test
    void nothingThrowsAndCapsHold() {
        SplittableRandom random = new SplittableRandom(5_722);
        Map<Counter, Long> counts = new EnumMap<>(Counter.class);
        for (int round = 0; round < 200_000; round++) {
            boolean ipv4 = random.nextBoolean();
            ByteBuffer packet = ipv4 ? udp(APP, SERVICE, 60) : udp(APP6, SERVICE6, 60);
            int at = 8 * random.nextInt(random.nextInt(10) == 0 ? 8_192 : 9);
            int count = random.nextInt(random.nextInt(10) == 0 ? 3_000 : 40);
            boolean more = random.nextInt(3) > 0;
            ByteBuffer piece =
                    Pieces.piece(packet, random.nextInt(500), at, count & (more ? -8 : -1), more);
            for (int i = random.nextInt(6) == 0 ? random.nextInt(4) : 0; i > 0; i--) {
                piece.put(random.nextInt(Math.min(60, piece.limit())), (byte) random.nextInt());
            }
            hear(piece);
            assertThat(dialogue.stack.reassembling()).isBetween(0, Reassembly.MAX_DATAGRAMS);
            if (random.nextInt(200) == 0) {
                dialogue.pass(random.nextLong(Reassembly.LIFE_NS));
            }
        }
        dialogue.pass(2 * Reassembly.LIFE_NS);
        assertThat(dialogue.stack.reassembling()).isZero();
        for (Counter counter : Counter.values()) {
            counts.put(counter, dialogue.stack.count(counter));
        }
        assertThat(counts)
                .allSatisfy(
                        (counter, count) -> {
                            if (counter.name()
                                    .matches("FRAGMENTS_.*|REASSEMBLY_.*|.*_REASSEMBLED")) {
                                assertThat(count).as(counter.name()).isPositive();
                            }
                        });
    }

    @Test
    void bytesAreBoundedAndTheOldestMakesRoom() {
        Counters counters = new Counters();
        Reassembly reassembly = new Reassembly(counters, whole -> {});
        IpPacket ip = new IpPacket();
        ByteBuffer packet = udp(APP, SERVICE, 65_507);
        for (int id = 0; id < 1_000; id++) {
            ByteBuffer last = Pieces.piece(packet, id, 64_000, 1_515, false);
            ip.parse(last);
            assertThat(reassembly.add(ip, last, id)).isEqualTo(Verdict.CONSUMED);
            assertThat(reassembly.bytes()).isLessThanOrEqualTo(Reassembly.MAX_BYTES);
        }
        assertThat(reassembly.inFlight()).isGreaterThan(55);
        assertThat(counters.value(Counter.REASSEMBLY_EVICTED))
                .isEqualTo(1_000 - reassembly.inFlight());
        ByteBuffer first = Pieces.piece(packet, 999, 0, 64_000, true);
        ip.parse(first);
        reassembly.add(ip, first, 1_000);
        reassembly.onTimeout(Reassembly.LIFE_NS + 2 * SECOND);
        assertThat(reassembly.inFlight()).isZero();
        assertThat(reassembly.bytes()).isZero();
    }

    @Test
    void theNumberOfDatagramsIsBoundedAndTheOldestMakesRoom() {
        ByteBuffer packet = udp(APP, SERVICE, 40);
        for (int id = 0; id < Reassembly.MAX_DATAGRAMS + 10; id++) {
            dialogue.nowNs++;
            hear(Pieces.piece(packet, id, 0, 24, true));
        }
        assertThat(dialogue.stack.count(Counter.REASSEMBLY_EVICTED)).isEqualTo(10);
        hear(Pieces.piece(packet, 9, 24, 24, false));
        assertThat(dialogue.payloads).isEmpty();
        hear(Pieces.piece(packet, 50, 24, 24, false));
        assertThat(dialogue.payloads).hasSize(1);
    }

    /**
     * The time counts from the first fragment; a later datagram may have the same identification.
     */
    @Test
    void whatIsLateIsNotMixedWithWhatIsNew() {
        ByteBuffer packet = udp(APP, SERVICE, 40);
        hear(Pieces.piece(packet, 7, 0, 24, true));
        dialogue.pass(Reassembly.LIFE_NS - 1);
        hear(Pieces.piece(packet, 7, 0, 24, true));
        assertThat(dialogue.stack.count(Counter.FRAGMENTS_DUPLICATE)).isEqualTo(1);
        dialogue.nowNs++;
        hear(Pieces.piece(packet, 7, 24, 24, false));
        assertThat(dialogue.stack.count(Counter.REASSEMBLY_TIMED_OUT)).isEqualTo(1);
        assertThat(dialogue.payloads).isEmpty();
        hear(Pieces.piece(packet, 7, 0, 24, true));
        assertThat(dialogue.payloads).hasSize(1);
    }

    @Test
    void datagramsAreToldApartByAddressesProtocolAndIdentification() {
        hear(Pieces.piece(udp(APP, SERVICE, 40), 7, 0, 24, true));
        hear(Pieces.piece(udp(APP, SERVICE, 40), 8, 24, 24, false));
        hear(Pieces.piece(udp(APP, "10.96.0.11:8080", 40), 7, 24, 24, false));
        hear(Pieces.piece(udp("100.127.0.9:40000", SERVICE, 40), 7, 24, 24, false));
        hear(Pieces.piece(udp(APP6, SERVICE6, 40), 7, 24, 24, false));
        assertThat(dialogue.payloads).isEmpty();
        assertThat(dialogue.stack.reassembling()).isEqualTo(5);
        hear(Pieces.piece(udp(APP, SERVICE, 40), 7, 24, 24, false));
        assertThat(dialogue.payloads).hasSize(1);
    }

    /** A SYN is whole or nothing; and each family has an ICMP of its own. */
    @ParameterizedTest
    @CsvSource({APP + "," + SERVICE, APP6 + "," + SERVICE6})
    void fragmentsOfOtherProtocolsAreNotKept(String from, String to) {
        ByteBuffer syn = Packets.tcp(from, to, "S", 1, 0);
        assertThat(dialogue.hear(Pieces.piece(syn, 7, 0, 16, true))).containsExactly("dropped");
        assertThat(dialogue.hear(Pieces.piece(syn, 7, 16, 8, false))).containsExactly("dropped");
        ByteBuffer foreign = Pieces.piece(syn, 7, 0, 16, true);
        foreign.put(from.equals(APP) ? 9 : 40, (byte) (from.equals(APP) ? 58 : 1));
        assertThat(dialogue.hear(foreign)).containsExactly("dropped");
        ByteBuffer multicast = udp(APP, "224.0.0.251:5353", 40);
        assertThat(dialogue.hear(Pieces.piece(multicast, 7, 0, 8, true)))
                .containsExactly("dropped");
        assertThat(dialogue.stack.count(Counter.FRAGMENTS_UNWANTED)).isEqualTo(3);
        assertThat(dialogue.stack.count(Counter.NOT_UNICAST)).isEqualTo(1);
        assertThat(dialogue.stack.reassembling()).isZero();
    }

    /** An atomic fragment is a datagram of its own, whatever else has its identification. */
    @Test
    void anAtomicFragmentIsWholeAndMeetsNoOther() {
        ByteBuffer packet = udp(APP6, SERVICE6, 40);
        hear(Pieces.piece(packet, 7, 0, 24, true));
        hear(Pieces.piece(packet, 7, 0, 48, false));
        assertThat(dialogue.payloads).hasSize(1);
        hear(Pieces.piece(packet, 7, 24, 24, false));
        assertThat(dialogue.payloads).hasSize(2);
    }

    /** RFC 8200 §4.5: what the first fragment says is next is next. */
    @Test
    void aDatagramBehindOptionsIsFound() {
        ByteBuffer plain = udp(APP6, SERVICE6, 40);
        ByteBuffer packet = ByteBuffer.allocate(40 + 8 + 48);
        packet.put(0, plain, plain.position(), 40).put(48, plain, plain.position() + 40, 48);
        packet.putShort(4, (short) 56).put(6, (byte) 60).put(40, (byte) 17).put(42, (byte) 1);
        packet.put(43, (byte) 4);
        hear(Pieces.piece(packet, 7, 24, 32, false).put(40, (byte) 17));
        hear(Pieces.piece(packet, 7, 0, 24, true));
        assertThat(dialogue.payloads).hasSize(1);
    }

    private void hear(ByteBuffer packet) {
        dialogue.hear(packet);
    }

    private static void shuffle(SplittableRandom random, List<ByteBuffer> pieces) {
        for (int i = pieces.size() - 1; i > 0; i--) {
            ByteBuffer other = pieces.set(random.nextInt(i + 1), pieces.get(i));
            pieces.set(i, other);
        }
    }
}
