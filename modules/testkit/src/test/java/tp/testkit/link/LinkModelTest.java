package tp.testkit.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.packet.IpProtocol;

class LinkModelTest {

    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MANY = 100_000;

    @Test
    void aPerfectLinkDeliversAtOnceAndUnchanged() {
        Passage passage = new Passage("", 1).send(1000, 1500, 0).pass(0);

        assertThat(passage.numbers()).isEqualTo(IntStream.range(0, 1000).boxed().toList());
        assertThat(passage.nowNs()).isZero();
        assertThat(passage.model.inFlight()).isZero();
        assertThat(passage.model.untilNextNs(0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void delayIsExact() {
        Passage passage = new Passage("delay=40ms", 1).send(100, 100, MS).passMs(100);

        assertThat(passage.arrivals)
                .hasSize(100)
                .allSatisfy(one -> assertThat(one.ns()).isEqualTo((one.number() + 40) * MS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"delay=10ms jitter=20ms", "jitter=5ms rate=100mbit queue=10mb", "loss=10%"})
    void withoutReorderingOrderIsKept(String conditions) {
        Passage passage = new Passage(conditions, 7).send(10_000, 1000, MS / 10).passMs(1000);

        assertThat(passage.numbers()).isSorted().doesNotHaveDuplicates();
        assertThat(passage.numbers().size() + passage.model.counters().dropped()).isEqualTo(10_000);
    }

    @Test
    void jitterIsEvenlyDistributed() {
        // Far apart, so that keeping the order pushes nothing.
        Passage passage = new Passage("delay=10ms jitter=20ms", 3).send(20_000, 100, 50 * MS);

        List<Double> extraMs =
                passage.arrivals.stream()
                        .map(one -> (one.ns() - 50 * MS * one.number()) / (double) MS - 10)
                        .toList();
        assertThat(extraMs).hasSize(20_000).allMatch(ms -> ms >= 0 && ms <= 20);
        assertThat(extraMs.stream().mapToDouble(ms -> ms).average().orElseThrow())
                .isEqualTo(10, within(0.2));
        assertThat(extraMs.stream().filter(ms -> ms < 2).count()).isBetween(1_800L, 2_200L);
    }

    @ParameterizedTest
    @CsvSource({"10mbit, 1500", "10mbit, 64", "500mbit, 1500", "2gbit, 1500", "64kbit, 40"})
    void theLineCarriesItsRateWithinOnePerCent(String rate, int bytes) {
        Passage passage = new Passage("queue=1mb delay=30ms rate=" + rate, 1, 30_000);
        passage.send(10_000, bytes, 0).pass(Long.MAX_VALUE / 4);

        List<Passage.Arrival> arrivals = passage.arrivals;
        assertThat(arrivals).hasSizeGreaterThan(600);
        double seconds = (arrivals.getLast().ns() - arrivals.getFirst().ns()) / 1e9;
        double bitsPerSecond = (arrivals.size() - 1) * bytes * 8 / seconds;
        double wanted = Conditions.parse("rate=" + rate).line().bitsPerSecond();
        assertThat(bitsPerSecond).isEqualTo(wanted, within(wanted / 100));
        assertThat(arrivals.getFirst().ns()).isEqualTo(30 * MS + Math.round(bytes * 8e9 / wanted));
    }

    @Test
    void aFullQueueDropsAtItsTailAndCounts() {
        Passage passage = new Passage("rate=1mbit queue=15kb", 1).send(100, 1000, 0).passMs(1000);

        // One is in transmission, 15 wait.
        assertThat(passage.numbers()).isEqualTo(IntStream.range(0, 16).boxed().toList());
        assertThat(passage.model.counters().queueFull()).isEqualTo(84);
        assertThat(passage.arrivals.getLast().ns()).isEqualTo(16 * 8 * MS);
    }

    @ParameterizedTest
    @CsvSource({"0.001", "0.01", "0.2", "1"})
    void lossIsAsLikelyAsAskedFor(double loss) {
        Passage passage = new Passage("loss=" + loss, 11).send(MANY, 40, 0);

        double sigma = Math.sqrt(MANY * loss * (1 - loss));
        assertThat((double) passage.model.counters().lost())
                .isEqualTo(MANY * loss, within(4 * sigma + 0.5));
        assertThat(passage.model.counters().delivered())
                .isEqualTo(MANY - passage.model.counters().lost());
    }

    @Test
    void duplicatesComeTwiceInARow() {
        Passage passage = new Passage("duplicate=10%", 5).send(10_000, 40, 10).pass(0);

        long twice = passage.model.counters().duplicated();
        assertThat(twice).isBetween(880L, 1_120L);
        assertThat(passage.numbers()).hasSize(10_000 + (int) twice).isSorted();
    }

    @Test
    void heldBackPacketsAreOvertaken() {
        Passage passage = new Passage("delay=10ms reorder=5%,3ms", 5).send(10_000, 40, MS);
        passage.passMs(100);

        assertThat(passage.model.counters().reordered()).isBetween(420L, 580L);
        assertThat(passage.numbers()).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(
                        passage.arrivals.stream()
                                .filter(one -> one.ns() != (one.number() + 10) * MS)
                                .toList())
                .hasSize((int) passage.model.counters().reordered())
                .allSatisfy(one -> assertThat(one.ns()).isEqualTo((one.number() + 13) * MS));
    }

    @Test
    void aBlackHoleSwallowsWhatComesAndACutWhatIsUnderWay() {
        Passage passage = new Passage("delay=10ms", 1).send(5, 100, MS);
        passage.change("delay=10ms state=black_hole");
        passage.send(5, 100, MS).passMs(100);
        assertThat(passage.numbers()).containsExactly(0, 1, 2, 3, 4);

        passage.change("delay=10ms rate=1mbit queue=1mb");
        passage.send(5, 1000, MS);
        passage.change("delay=10ms state=cut");
        passage.send(5, 100, MS).passMs(100);
        passage.change("");
        passage.send(1, 100, MS);

        assertThat(passage.numbers()).containsExactly(0, 1, 2, 3, 4, 20);
        assertThat(passage.model.counters().unreachable()).isEqualTo(15);
        assertThat(passage.model.inFlight()).isZero();
    }

    @Test
    void aNewRateHoldsForWhatWaits() {
        Passage passage = new Passage("rate=1mbit queue=1mb", 1).send(10, 1250, 0);
        passage.passMs(15);
        passage.change("rate=10mbit queue=1mb");
        passage.passMs(100);

        // 10 ms each; then, half of the second being sent, 1 ms each.
        assertThat(passage.arrivals.stream().map(one -> one.ns() / (MS / 10)))
                .containsExactly(100L, 155L, 165L, 175L, 185L, 195L, 205L, 215L, 225L, 235L);
        passage.change("rate=1mbit queue=1mb");
        passage.send(3, 1250, 0);
        passage.change("");
        passage.pass(0);
        assertThat(passage.arrivals).hasSize(13);
    }

    @Test
    void aShorterDelayReordersNothing() {
        Passage passage = new Passage("delay=50ms", 1).send(10, 100, MS);
        passage.change("delay=1ms");
        passage.send(10, 100, MS).passMs(100);

        assertThat(passage.numbers()).isSorted().hasSize(20);
        assertThat(passage.arrivals)
                .isSortedAccordingTo(Comparator.comparingLong(Passage.Arrival::ns));
    }

    @Test
    void whatItHoldsIsBounded() {
        Passage passage = new Passage("delay=100ms", 1, 100).send(250, 100, 0).passMs(100);
        passage.send(10, 1501, 0).send(100, 1500, 0).passMs(100);

        assertThat(passage.arrivals).hasSize(200);
        assertThat(passage.model.counters().overflowed()).isEqualTo(160);
    }

    @Test
    void theSameSeedDoesTheSameAndAnotherDoesNot() {
        String bad =
                "delay=20ms jitter=9ms loss=3% duplicate=2% reorder=4%,7ms rate=9mbit queue=30kb";
        List<Passage.Arrival> first = run(bad, 42);

        assertThat(run(bad, 42)).isEqualTo(first);
        assertThat(run(bad, 43)).isNotEqualTo(first);
    }

    private static List<Passage.Arrival> run(String conditions, long seed) {
        return new Passage(conditions, seed).send(5_000, 1200, MS).passMs(1000).arrivals;
    }

    @ParameterizedTest
    @CsvSource({
        "udp, 17, 53, 28, true",
        "udp, 6, 53, 1500, false",
        "udp>1228, 17, 443, 1228, false",
        "udp>1228, 17, 443, 1229, true",
        "udp>128, 6, 443, 1500, false",
        "tcp:443, 6, 443, 40, true",
        "tcp:443, 6, 444, 40, false",
        "tcp:443, 17, 443, 40, false",
        "any>1000, 1, 0, 1001, true",
        "icmp, 1, 0, 84, true",
    })
    void rulesKnowProtocolPortAndLength(
            String rule, int protocol, int port, int bytes, boolean drops) {
        LinkModel model = new LinkModel(Conditions.parse("drop=" + rule), 1, 1500, 10);
        model.offer(Packets.ipv4(protocol, "10.0.0.1", 4000, "10.0.0.2", port, bytes), 0);
        model.offer(Packets.ipv4(protocol, "10.0.0.2", port, "10.0.0.1", 4000, bytes), 0);

        assertThat(model.counters().ruled()).isEqualTo(drops ? 2 : 0);
        assertThat(model.inFlight()).isEqualTo(drops ? 0 : 2);
    }

    @Test
    void aRuleHoldsForIpv6AndWhatIsNoPacketPasses() {
        LinkModel model = new LinkModel(Conditions.parse("drop=udp,tcp"), 1, 1500, 10);
        model.offer(Packets.ipv6Udp(100), 0);
        model.offer(java.nio.ByteBuffer.allocate(3), 0);

        assertThat(model.counters().ruled()).isEqualTo(1);
        assertThat(model.inFlight()).isEqualTo(1);
        assertThat(Rule.Protocol.UDP.matches(IpProtocol.UDP)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "delay=20ms",
                "delay=1.5ms jitter=2us loss=1% rate=10mbit queue=64kb",
                "reorder=0.5%,5ms duplicate=0.1% state=black_hole drop=udp>1228,tcp:443",
                "reorder=1 state=cut rate=2gbit",
            })
    void conditionsAreReadAsTheyAreWritten(String text) {
        Conditions conditions = Conditions.parse(text);

        assertThat(Conditions.parse(conditions.toString())).isEqualTo(conditions);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delay",
                "delay=5",
                "delay=-1ms",
                "delay=1h",
                "loss=101%",
                "loss=x",
                "rate=5",
                "rate=-1bit",
                "colour=red",
                "state=open=",
                "drop=sctp",
                "drop=udp>x",
                "drop=tcp:70000",
                "loss=NaN",
            })
    void nonsenseIsRefused(String text) {
        assertThatThrownBy(() -> Conditions.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
