package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole path on the built image: a sandbox, a connect, and what a person does with it. */
class MainJobIT {

    private static final String GIB = "1073741824";

    private static Laptop laptop;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        Laptop.Result before = laptop.run("curl -sS -m 3 verylargejavaservice.default:8080");
        assertThat(before.exit()).as("curl before the connect: " + before.output()).isNotZero();

        Laptop.Result connected = laptop.run("tp connect");
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void quit() throws Exception {
        Laptop.Result quit = laptop.run("tp quit");
        Laptop.Result after = laptop.run("curl -sS -m 3 verylargejavaservice.default:8080");
        laptop.close();
        assertThat(quit.exit()).as(quit.output()).isZero();
        assertThat(after.exit()).as("curl after the quit: " + after.output()).isNotZero();
    }

    @ParameterizedTest
    @CsvSource({
        "verylargejavaservice.default:8080, <title>",
        "verylargejavaservice.default.svc:8080, <title>",
        "verylargejavaservice.default.svc.cluster.local:8080, <title>",
        "dataprocessingservice.default:3000, {",
    })
    void curlReachesServicesByName(String url, String expected) throws Exception {
        Laptop.Result page = laptop.run("curl -fsS -m 10 " + url);

        assertThat(page.exit()).as(page.output()).isZero();
        assertThat(page.output()).contains(expected);
    }

    @Test
    void statusNamesBothDaemonsTheTransportAndTheSubnets() throws Exception {
        Laptop.Result status = laptop.run("tp status --output json");

        assertThat(status.exit()).isZero();
        assertThat(status.output()).contains("\"pid\"", "port-forward", "10.96.0.0/16", "10.244.");
    }

    @Test
    void aSecondConnectSaysSo() throws Exception {
        Laptop.Result again = laptop.run("tp connect");

        assertThat(again.exit()).as(again.output()).isZero();
        assertThat(again.output()).containsIgnoringCase("already");
    }

    @Test
    void noBackgroundProcessKeepsTheCallersStreams() throws Exception {
        assertThat(laptop.run(Duration.ofSeconds(30), "tp quit; tp connect | cat").exit()).isZero();
    }

    @Test
    void aGibibyteComesDownWhole() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        "curl -fsS -m 100 verylargedatastore.default:8080/bytes?size=%s | sha256sum; curl -fsS verylargedatastore.default:8080/sha256?size=%s"
                                .formatted(GIB, GIB));

        assertThat(firstWords(result)).as(result.output()).hasSize(2);
        assertThat(firstWords(result).getFirst()).isEqualTo(firstWords(result).getLast());
    }

    @Test
    void aGibibyteGoesUpWhole() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        f=$(mktemp)
                        head -c %s /dev/urandom >$f
                        sha256sum <$f
                        curl -fsS -m 100 -T $f verylargedatastore.default:8080/upload
                        rm -f $f"""
                                .formatted(GIB));

        assertThat(firstWords(result)).as(result.output()).hasSize(2);
        assertThat(firstWords(result).getFirst()).isEqualTo(firstWords(result).getLast());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "connect tcp-echo.default 7, connected",
        "connect tcp-echo.default 9, Connection refused",
        "half-close tcp-echo.default 7, whole answer",
        "read-to-end tcp-echo.default 7001, Connection reset",
        "udp udp-echo.default 7 1200, echoed 1200",
        "echoes tcp-echo.default 7 200, 200 of 200 right",
    })
    void theNetworkTellsTheTruth(String probe, String expected) throws Exception {
        assertThat(laptop.run("$PROBE " + probe).output()).contains(expected);
    }

    @Test
    @Needs("kubectl")
    void aClosedPortOfALivePodRefusesAndAnAddressOfNobodyDoesNotConnect() throws Exception {
        Laptop.Result pod =
                laptop.run(
                        "kubectl get pods -l app=tcp-echo -o jsonpath='{.items[0].status.podIP}'");

        assertThat(laptop.run("$PROBE connect " + pod.output() + " 9").output())
                .contains("Connection refused");
        assertThat(laptop.run("$PROBE connect 10.244.200.200 80").output())
                .containsAnyOf("No route to host", "timed out", "unreachable");
    }

    private static java.util.List<String> firstWords(Laptop.Result result) {
        return result.output()
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.replaceFirst("[^0-9a-f].*", ""))
                .toList();
    }
}
