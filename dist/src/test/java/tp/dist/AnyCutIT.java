package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;

/**
 * Twenty flows at once with known bytes in both directions, while the link is cut, the laptop gets
 * another address, and the user goes from one transport to another, at random moments: each flow
 * has all its bytes, and ends when they are there. {@code -Dcuts.runs=50} runs so many seeds,
 * {@code -Dcuts.seed=N} begins with that one.
 */
@Needs(value = "curl", sandbox = "an emulated link")
class AnyCutIT {

    private static final int FLOWS = 20;
    private static final int BYTES = 1_000_000;

    /** 20 MB in each direction: some 4 s where nothing is in the way. */
    private static final Conditions LINK =
            Conditions.PERFECT.delay(Duration.ofMillis(5)).rate(40_000_000, 200_000);

    private static final Conditions CUT = Conditions.PERFECT.state(Conditions.State.CUT);
    private static final List<String> TRANSPORTS =
            List.of("grpc", "port-forward", "quic", "websocket");

    private static Laptop laptop;
    private static LaptopLink link;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        Laptop.Result connected = laptop.run("tp connect");
        assertThat(connected.exit()).as(connected.output()).isZero();
        link = laptop.emulate(LINK);
    }

    @AfterAll
    static void quit() throws Exception {
        link.close();
        laptop.run("tp quit");
        laptop.close();
    }

    static LongStream seeds() {
        long first = Long.getLong("cuts.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("cuts.runs", 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyFlowHasItsBytesWhateverIsCut(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        laptop.run(
                """
                rm -f $T/bytes $T/bytes.done
                ( $PROBE both tcp-echo.default 7 %d %d %d >$T/bytes 2>&1; touch $T/bytes.done ) &
                until grep -qs going $T/bytes || [ -e $T/bytes.done ]; do sleep 0.05; done"""
                        .formatted(FLOWS, BYTES, seed));
        StringBuilder events = new StringBuilder();
        try {
            for (int event = 0; goesOn() && event < 12; event++) {
                Thread.sleep(random.nextInt(100, 900)); // the moment is what is by chance
                events.append(happen(random)).append(' ');
            }
        } finally {
            link.change(LINK);
        }
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(3),
                        "until [ -e $T/bytes.done ]; do sleep 0.1; done; cat $T/bytes; wait; tp status --output json");

        System.out.println("seed " + seed + ": " + events);
        assertThat(result.output())
                .as("seed %d: %s", seed, events)
                .contains(FLOWS + " of " + FLOWS + " whole")
                .contains("\"lost_flows\":{\"manager_restarted\":0,\"not_kept\":0}");
    }

    private static boolean goesOn() throws Exception {
        return laptop.run("[ -e $T/bytes.done ]").exit() != 0;
    }

    private static String happen(SplittableRandom random) throws Exception {
        int chance = random.nextInt(5);
        if (chance < 2) {
            int millis = random.nextInt(100, 2_500);
            link.change(CUT);
            Thread.sleep(millis); // the cut itself, as long as that
            link.change(LINK);
            return "cut " + millis + " ms,";
        }
        if (chance == 2) {
            link.rebind();
            return "another address,";
        }
        String next = TRANSPORTS.get(random.nextInt(TRANSPORTS.size()));
        laptop.run("timeout 20 tp connect --transport=" + next + " >/dev/null 2>&1 &");
        return next + ",";
    }
}
