package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;

/**
 * A slow pipe that bulk keeps full in both directions, with a queue of almost a second before it:
 * names are answered soon all the same, small requests pass, and nobody takes it for dead. {@code
 * -Dsaturated.seconds=3600} makes it an hour by port-forward.
 */
@Needs(value = "dig", sandbox = "an emulated link")
class SaturatedPipeIT {

    private static final int DELAY_MS = 10;
    private static final int BITS_PER_SECOND = 10_000_000;
    private static final int QUEUE_BYTES = 1_000_000;

    /** Beside the round trip of the path. */
    private static final int QUERY_MS = 2 * DELAY_MS + 300;

    /** Of what the link could carry while names were asked, each way, packets' headers included. */
    private static final double LEAST_USED = 0.7;

    /** At once, after the names, in the longer runs. */
    private static final int SMALL_FLOWS = 200;

    private static final int LONG_SECONDS = 120;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        assertThat(laptop.run("tp connect && tp quit").exit()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void namesAreAnsweredSoonBesideBulk() throws Exception {
        besideBulk("port-forward", Integer.getInteger("saturated.seconds", 180));
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"websocket", "grpc", "quic"})
    void soTheyAreOverTheOthers(String transport) throws Exception {
        besideBulk(transport, 40);
    }

    private static void besideBulk(String transport, int seconds) throws Exception {
        int small = seconds >= LONG_SECONDS ? SMALL_FLOWS : 0;
        Conditions slow =
                Conditions.PERFECT
                        .delay(Duration.ofMillis(DELAY_MS))
                        .rate(BITS_PER_SECOND, QUEUE_BYTES);
        try (LaptopLink link = laptop.emulate(slow)) {
            assertThat(laptop.run("tp connect --transport=" + transport).exit()).isZero();
            laptop.run(BULK);
            laptop.run("sleep 5"); // the start is not what is measured
            List<Long> carried = carriedBytes(link);
            long beganNs = System.nanoTime();
            Laptop.Result asked =
                    laptop.run(
                            Duration.ofSeconds(seconds + 90L),
                            "seconds=%d small=%d\n".formatted(seconds, small) + QUERIES);
            double used = used(carried, carriedBytes(link), System.nanoTime() - beganNs);
            String counters = link.counters();
            Laptop.Result after = laptop.run(AFTER);

            List<Integer> queries = numbers(asked.output(), ";; Query time: (\\d+) msec");
            int lost = numbers(asked.output(), "(no servers could be reached)").size();
            int p95 = queries.get((int) (0.95 * (queries.size() - 1)));
            System.out.printf(
                    "%s: %d names of which %d had no answer, p50 %d ms, p95 %d ms, most %d ms;"
                            + " %.2f of the link used; %s%n",
                    transport,
                    queries.size(),
                    lost,
                    queries.get(queries.size() / 2),
                    p95,
                    queries.getLast(),
                    used,
                    counters);
            assertThat(lost).isZero();
            assertThat(used).as("of the link, the less used way").isGreaterThan(LEAST_USED);
            assertThat(p95).isLessThanOrEqualTo(QUERY_MS);
            assertThat(after.output()).contains("\"reconnects\":0").contains("right " + small);
        }
    }

    /** Both directions, twice: uploads of zeros and downloads, each without end. */
    private static final String BULK =
            """
            rm -f $T/enough $T/small $T/bulk
            for i in 1 2; do
                (until [ -e $T/enough ]; do
                    curl -s -m 20 -o /dev/null 'verylargedatastore.default:8080/bytes?size=1000000000000'
                done) >/dev/null 2>&1 &
                echo $! >>$T/bulk
                (until [ -e $T/enough ]; do
                    head -c 100000000 /dev/zero | curl -s -m 20 -T - -o /dev/null verylargedatastore.default:8080/
                done) >/dev/null 2>&1 &
                echo $! >>$T/bulk
            done
            """;

    /** Names that no cache has, and then two hundred small flows at once. */
    private static final String QUERIES =
            """
            end=$(( $(date +%s) + seconds ))
            n=0
            while [ $(date +%s) -lt $end ]; do
                n=$(( n + 1 ))
                dig +tries=1 +time=4 nobody-$$-$n.default.svc.cluster.local | grep -e 'Query time' -e 'no servers'
                sleep 0.2
            done
            [ $small -eq 0 ] || curl -s -Z --parallel-max $small -m 60 -o /dev/null -w '%{http_code}\n' 'verylargedatastore.default:8080/bytes?size=20000#[1-'$small']' >$T/small 2>&1
            """;

    private static final String AFTER =
            """
            tp status --output json
            touch $T/enough
            echo "right $(grep -c '^200$' $T/small 2>/dev/null || echo 0)"
            tp quit
            # Those of before would go on where the next begin.
            for one in $(cat $T/bulk); do while kill -0 $one 2>/dev/null; do sleep 0.1; done; done
            """;

    /** {@return what has left the link so far: up, down} */
    private static List<Long> carriedBytes(LaptopLink link) throws IOException {
        return Pattern.compile("deliveredBytes=(\\d+)")
                .matcher(link.counters())
                .results()
                .map(one -> Long.valueOf(one.group(1)))
                .toList();
    }

    /** {@return the part of the link's rate that was used, of the direction that used less} */
    private static double used(List<Long> before, List<Long> after, long elapsedNs) {
        double canCarry = BITS_PER_SECOND / 8.0 * elapsedNs * 1e-9;
        return IntStream.of(0, 1)
                        .mapToDouble(way -> after.get(way) - before.get(way))
                        .min()
                        .orElseThrow()
                / canCarry;
    }

    private static List<Integer> numbers(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(one -> one.group(1))
                .map(group -> group.matches("\\d+") ? Integer.parseInt(group) : 0)
                .sorted()
                .toList();
    }
}
