package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;
import tp.testkit.load.LaptopLoad;
import tp.testkit.load.Spread;

/**
 * What QUIC is for: on a link that loses packets, small requests beside a download do not wait for
 * the download's lost ones. Measured as {@code benchmarks/links beside-bulk} does it, and shorter.
 */
@Needs(sandbox = "an emulated link")
class BesideBulkIT {

    private static final Conditions LINK =
            Conditions.PERFECT.delay(Duration.ofMillis(20)).loss(0.01);

    private static final long SEED = 41_000;
    private static final int REPETITIONS = 3;
    private static final Duration TIME = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<String> TRANSPORTS = List.of("quic", "grpc");

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        // The first connect installs the manager.
        Laptop.Result installed = laptop.run(PATIENCE, "tp connect && tp quit");
        assertThat(installed.exit()).as(installed.output()).isZero();
        laptop.congestionControl("reno");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Tag("long")
    @Test
    void smallMessagesWaitLessOverQuicThanOverOnePipe() throws Exception {
        Map<String, List<Double>> p95 = new LinkedHashMap<>();
        for (int i = 0; i < REPETITIONS; i++) {
            for (String transport : i % 2 == 0 ? TRANSPORTS : TRANSPORTS.reversed()) {
                p95.computeIfAbsent(transport, one -> new ArrayList<>())
                        .add(messagesP95Ms(transport, SEED + i));
            }
        }
        double quic = Spread.of(p95.getOrDefault("quic", List.of())).median();
        double grpc = Spread.of(p95.getOrDefault("grpc", List.of())).median();
        System.out.printf(
                Locale.ROOT, "beside bulk: p95 of quic %.0f ms, of grpc %.0f ms%n", quic, grpc);

        assertThat(quic).as("ms over %s", p95).isLessThan(grpc);
    }

    private static double messagesP95Ms(String transport, long seed) throws Exception {
        try (LaptopLink link = laptop.emulate(LINK, seed)) {
            Laptop.Result connected = laptop.run(PATIENCE, "tp connect --transport=" + transport);
            assertThat(connected.exit()).as(connected.output()).isZero();
            LaptopLoad.Beside beside = new LaptopLoad(laptop).beside(TIME);
            assertThat(link.counters()).contains("overflowed=0").containsPattern("lost=[1-9]");
            return beside.messages().p95Ms();
        } finally {
            laptop.run("tp quit");
        }
    }
}
