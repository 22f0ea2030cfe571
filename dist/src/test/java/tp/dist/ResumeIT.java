package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
import tp.testkit.link.Rule;

/** A TCP connection outlives what it runs over. */
@Needs(value = "kubectl", sandbox = "an emulated link")
class ResumeIT {

    /** About 15 s for 40 MB. */
    private static final Conditions LINK =
            Conditions.PERFECT.delay(Duration.ofMillis(5)).rate(24_000_000, 100_000);

    private static final int BYTES = 40_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(150);

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        assertThat(laptop.run("tp connect && tp quit").exit()).isZero();
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp quit");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    /** One connection: curl asks once, and its socket has the same port before and after. */
    @ParameterizedTest
    @ValueSource(strings = {"port-forward", "quic"})
    void aDownloadGoesOnAfterACutOf20Seconds(String transport) throws Exception {
        goesOnAfterACut(transport);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"grpc", "websocket"})
    void soItDoesOverTheOthers(String transport) throws Exception {
        goesOnAfterACut(transport);
    }

    private static void goesOnAfterACut(String transport) throws Exception {
        try (LaptopLink link = laptop.emulate(LINK)) {
            connect("--transport=" + transport);
            WatchedDownload download = WatchedDownload.start(laptop, BYTES, LIMIT);
            String port = download.port();
            link.change(Conditions.PERFECT.state(Conditions.State.CUT));
            Thread.sleep(20_000); // the cut itself, as long as that
            long at = download.part();
            link.change(LINK);
            Duration away = download.untilMoreThan(at);

            System.out.println(
                    transport + ": bytes " + away.toMillis() + " ms after the link was back");
            assertThat(away).isLessThanOrEqualTo(Duration.ofSeconds(3));
            assertThat(download.port()).isEqualTo(port);
            download.assertWhole();
        }
    }

    @Test
    void aDownloadGoesOnOverAnotherTransport() throws Exception {
        try (LaptopLink link = laptop.emulate(LINK)) {
            connect(
                    "--endpoint quic://192.168.127.1:$(kubectl -n tp-system get svc tp-manager-direct -o"
                            + " jsonpath='{.spec.ports[?(@.name==\"quic\")].nodePort}')");
            assertThat(transport()).isEqualTo("quic");
            WatchedDownload download = WatchedDownload.start(laptop, BYTES, LIMIT);
            String port = download.port();
            link.change(LINK.rule(Rule.block(Rule.Protocol.UDP)));
            download.awaitPart(download.part() + 3_000_000);

            assertThat(transport()).isEqualTo("grpc");
            assertThat(download.port()).isEqualTo(port);
            download.assertWhole();
        }
    }

    /** Whoever says that he goes does not come back: nothing is kept for him. */
    @ParameterizedTest
    @ValueSource(strings = {"port-forward", "websocket", "grpc", "quic"})
    void aQuitIsToldToTheServiceAtOnce(String transport) throws Exception {
        connect("--transport=" + transport);
        Laptop.Result result =
                laptop.run(
                        """
                        ends() { kubectl logs deploy/tcp-echo | grep -c 'port 7004: '; }
                        before=$(ends)
                        $PROBE hold tcp-echo.default 7004 idle >$T/held 2>&1 & probe=$!
                        until grep -qs going $T/held; do sleep 0.05; kill -0 $probe || { cat $T/held; exit 1; }; done
                        tp quit
                        quit=$(date +%s%3N)
                        until [ $(ends) -gt $before ] || [ $(( $(date +%s%3N) - quit )) -gt 5000 ]; do sleep 0.1; done
                        echo "$(( $(ends) - before )) after $(( $(date +%s%3N) - quit )) ms"; wait $probe""");

        System.out.println(transport + ": " + result.output());
        assertThat(result.output()).containsPattern("(?m)^1 after [0-4]?\\d{1,3} ms");
    }

    private static void connect(String flags) throws Exception {
        Laptop.Result connected = laptop.run("tp quit; tp connect " + flags);
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    private static String transport() throws Exception {
        Matcher id =
                Pattern.compile("\"transport\":\\{\"id\":\"([a-z-]+)\"")
                        .matcher(laptop.run("tp status --output json").output());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }
}
