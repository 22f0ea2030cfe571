package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;
import tp.testkit.link.Rule;

/** The built image on a link that delays and loses, and behind a translator that forgets. */
@Needs(sandbox = "an emulated link")
class LinkEmulatorIT {

    private static final Conditions FORTY_MS = Conditions.PERFECT.delay(Duration.ofMillis(20));
    private static final Conditions LOSSY = FORTY_MS.loss(0.01);

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result connected = laptop.run("tp connect");
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp quit");
    }

    @Test
    void pingTakesTheDelayTwice() throws Exception {
        try (LaptopLink link = laptop.emulate(FORTY_MS)) {
            Laptop.Result ping = laptop.run("ping -n -c 10 -i 0.05 192.168.127.1");
            Matcher least = Pattern.compile("mdev = ([0-9.]+)/").matcher(ping.output());

            assertThat(least.find()).as(ping.output()).isTrue();
            assertThat(Double.parseDouble(least.group(1))).isBetween(40.0, 50.0);
            assertThat(link.counters()).contains("overflowed=0");
        }
        assertThat(laptop.run("ping -n -c 3 -i 0.05 192.168.127.1").output())
                .containsPattern("mdev = [0-9]\\.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"quic", "port-forward"})
    void aDownloadOverALossyLinkComesWhole(String transport) throws Exception {
        try (LaptopLink link = laptop.emulate(LOSSY)) {
            assertThat(laptop.run("tp connect --transport=" + transport).exit()).isZero();

            assertSameHash(laptop.run(download(1_000_000)));
            assertThat(link.counters()).containsPattern("down .*lost=[1-9]");
        }
    }

    @Test
    void quicOutlivesAChangeOfTheClientsAddress() throws Exception {
        try (LaptopLink link = laptop.emulate(FORTY_MS.rate(30_000_000, 300_000))) {
            assertThat(laptop.run("tp connect --transport=quic").exit()).isZero();
            String session = session();
            laptop.run("( (" + download(8_000_000) + ") >$T/hashes 2>&1; touch $T/done ) &");
            for (int i = 0; i < 2; i++) {
                long before = delivered(link);
                awaitDelivered(link, before + 1_000);
                link.rebind();
            }
            assertSameHash(laptop.run("until [ -e $T/done ]; do sleep 0.1; done; cat $T/hashes"));

            assertThat(session()).isEqualTo(session).contains("\"reconnects\":0");
            assertThat(link.counters()).contains("overflowed=0");
        }
    }

    @Test
    void whereUdpIsEatenQuicSaysSo() throws Exception {
        try (LaptopLink link = laptop.emulate(FORTY_MS)) {
            for (Rule rule :
                    List.of(
                            Rule.dropLonger(Rule.Protocol.UDP, 228),
                            Rule.block(Rule.Protocol.UDP))) {
                link.change(FORTY_MS.rule(rule));
                Laptop.Result refused = laptop.run("tp connect --transport=quic");

                assertThat(refused.exit()).isNotZero();
                assertThat(refused.output()).contains("no answer to UDP packets of 1,200 bytes");
            }
        }
    }

    private static String download(int bytes) {
        return """
        curl -fsS -m 50 'verylargedatastore.default:8080/bytes?size=%d' | sha256sum
        curl -fsS -m 10 'verylargedatastore.default:8080/sha256?size=%d'; echo"""
                .formatted(bytes, bytes);
    }

    private static void assertSameHash(Laptop.Result result) {
        List<String> hashes =
                Pattern.compile("[0-9a-f]{64}")
                        .matcher(result.output())
                        .results()
                        .map(one -> one.group())
                        .toList();
        assertThat(hashes).as(result.output()).hasSize(2);
        assertThat(hashes.getFirst()).isEqualTo(hashes.getLast());
    }

    /** The session's id and how often it has been connected again. */
    private static String session() throws InterruptedException {
        String status = laptop.run("tp status --output json").output();
        Matcher id = Pattern.compile("\"session_id\":[^}]*\"reconnects\":\\d+").matcher(status);
        assertThat(id.find()).as(status).isTrue();
        return id.group();
    }

    private static long delivered(LaptopLink link) throws IOException {
        Matcher down = Pattern.compile("down .*?delivered=(\\d+)").matcher(link.counters());
        assertThat(down.find()).isTrue();
        return Long.parseLong(down.group(1));
    }

    private static void awaitDelivered(LaptopLink link, long packets) throws Exception {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        long now = delivered(link);
        while (now < packets) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%d packets of %d have come; %s", now, packets, link.counters())
                    .isNegative();
            Thread.sleep(10);
            now = delivered(link);
        }
    }
}
