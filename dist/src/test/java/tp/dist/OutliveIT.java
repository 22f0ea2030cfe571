package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;
import tp.testkit.link.Conditions;

/**
 * What else a TCP connection outlives than a link that is cut ({@link ResumeIT}): an API server
 * that is restarted or stands still, an address that changes, a user who changes the transport. A
 * download each, with the same hash, over the same connection. The long ones are of 1 GiB.
 */
@Needs(
        value = {"kubectl", "curl"},
        sandbox = "faults and an emulated link")
class OutliveIT {

    /** About 10 s for 24 MB. */
    private static final Conditions SLOW =
            Conditions.PERFECT.delay(Duration.ofMillis(5)).rate(20_000_000, 100_000);

    /** About a minute for 1 GiB. */
    private static final Conditions FAST =
            Conditions.PERFECT.delay(Duration.ofMillis(5)).rate(150_000_000, 1_000_000);

    private static final Conditions CUT = Conditions.PERFECT.state(Conditions.State.CUT);
    private static final int SHORT = 24_000_000;
    private static final long LONG = 1L << 30;
    private static final List<String> TRANSPORTS =
            List.of("grpc", "port-forward", "quic", "websocket");
    private static final Duration SOON = Duration.ofSeconds(3);

    private static Laptop laptop;

    /** A link and how much is loaded over it. */
    private record Size(Conditions link, long bytes, Duration limit) {
        static final Size USUAL = new Size(SLOW, SHORT, Duration.ofSeconds(150));
        static final Size GIBIBYTE = new Size(FAST, LONG, Duration.ofSeconds(500));

        WatchedDownload download() throws Exception {
            return WatchedDownload.start(laptop, bytes, limit);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        assertThat(laptop.run("tp connect && tp quit").exit()).isZero();
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp sandbox fault api=off; tp quit");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    private static void good(String command) throws Exception {
        Laptop.Result result = laptop.run(command);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    private static void connect(String transport) throws Exception {
        good("tp quit; tp connect --transport=" + transport);
    }

    private static void assertSoon(String what, Duration away) {
        System.out.println(what + ": bytes " + away.toMillis() + " ms after");
        assertThat(away).as(what).isLessThanOrEqualTo(SOON);
    }

    @Test
    void theApiServerIsRestarted() throws Exception {
        apiServerIsAway("port-forward", Size.USUAL, 5);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"port-forward", "websocket", "grpc", "quic"})
    void theApiServerIsRestartedUnderAGibibyte(String transport) throws Exception {
        apiServerIsAway(transport, Size.GIBIBYTE, 20);
    }

    private static void apiServerIsAway(String transport, Size size, int seconds) throws Exception {
        try (LaptopLink link = laptop.emulate(size.link())) {
            assertThat(link).isNotNull();
            connect(transport);
            WatchedDownload download = size.download();
            String port = download.port();
            good("tp sandbox fault api=restart," + seconds);
            Thread.sleep(Duration.ofSeconds(seconds - 1)); // the outage itself, as long as that
            long at = download.part();
            good(
                    "until curl -sk -m 1 -o /dev/null https://192.168.127.1:6443; do sleep 0.05; done");
            assertSoon(transport + ", API server restarted", download.untilMoreThan(at));
            assertThat(download.port()).isEqualTo(port);
            download.assertWhole();
        }
    }

    @Test
    void theAddressChanges() throws Exception {
        addressChanges("port-forward", Size.USUAL);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"port-forward", "websocket", "grpc", "quic"})
    void theAddressChangesUnderAGibibyte(String transport) throws Exception {
        addressChanges(transport, Size.GIBIBYTE);
    }

    private static void addressChanges(String transport, Size size) throws Exception {
        try (LaptopLink link = laptop.emulate(size.link())) {
            connect(transport);
            WatchedDownload download = size.download();
            String port = download.port();
            for (int change = 1; change <= 2; change++) {
                link.rebind();
                // What was under way to the old address still comes; more than that has to.
                long stretch = download.part() + 300_000;
                assertSoon(transport + ", address changed", download.untilMoreThan(stretch));
                assertThat(download.port()).isEqualTo(port);
            }
            download.assertWhole();
        }
    }

    /** The next transport every 2 s, as long as it lasts. */
    @Test
    void theUserChangesTheTransport() throws Exception {
        userChangesTransport(Size.USUAL, 4);
    }

    @Test
    @Tag("long")
    void theUserChangesTheTransportUnderAGibibyte() throws Exception {
        userChangesTransport(Size.GIBIBYTE, 12);
    }

    private static void userChangesTransport(Size size, int least) throws Exception {
        try (LaptopLink link = laptop.emulate(size.link())) {
            assertThat(link).isNotNull();
            connect(TRANSPORTS.getFirst());
            WatchedDownload download = size.download();
            String port = download.port();
            int changes = 0;
            while (download.goesOn()) {
                changes++;
                String next = TRANSPORTS.get(changes % TRANSPORTS.size());
                Laptop.Result moved =
                        laptop.run("sleep 2 & tp connect --transport=" + next + " && wait");
                assertThat(moved.output()).as(next).contains("Transport changed, connected to");
                assertThat(laptop.run("tp status --output json").output())
                        .contains("\"transport\":{\"id\":\"" + next + "\"", "\"reconnects\":0");
                download.assertOnOrOver(port);
            }
            System.out.println("the transport was changed " + changes + " times");
            assertThat(changes).isGreaterThanOrEqualTo(least);
            download.assertWhole();
        }
    }

    /** The short cut and the long one, in one download. */
    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"port-forward", "websocket", "grpc", "quic"})
    void theLinkIsCutUnderAGibibyte(String transport) throws Exception {
        try (LaptopLink link = laptop.emulate(FAST)) {
            connect(transport);
            WatchedDownload download = Size.GIBIBYTE.download();
            String port = download.port();
            for (int seconds : List.of(20, 60)) {
                link.change(CUT);
                Thread.sleep(Duration.ofSeconds(seconds)); // the cut itself, as long as that
                long at = download.part();
                link.change(FAST);
                assertSoon(transport + ", cut for " + seconds + " s", download.untilMoreThan(at));
                assertThat(download.port()).isEqualTo(port);
                download.awaitPart(at + 10_000_000);
            }
            download.assertWhole();
        }
    }
}
