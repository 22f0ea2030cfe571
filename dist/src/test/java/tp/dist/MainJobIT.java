package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * The whole path on the built image, over each transport: a sandbox, a connect, and what a person
 * does with it.
 */
@ParameterizedClass(name = "{0}")
@CsvSource({"port-forward, 1024", "websocket, 256", "grpc, 256", "quic, 256", "exec, 64"})
class MainJobIT {

    /** What somebody may have who has neither of tp's ports, nor the right to forward one. */
    private static final String COMMAND =
            "exec kubectl -n $TP_NAMESPACE exec -i $TP_POD -- bash -c"
                    + " \"exec 3<>/dev/tcp/127.0.0.1/$TP_PORT; cat <&0 >&3 & cat <&3\"";

    @TempDir private static Path folder;

    private static Laptop laptop;

    private final String transport;
    private final String bulk;

    /**
     * @param mebibytes that go each way in one piece
     */
    MainJobIT(String transport, int mebibytes) {
        this.transport = transport;
        bulk = Long.toString((long) mebibytes << 20);
    }

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        PluginJar.build(PluginJar.EXEC, folder.resolve("classes"), folder.resolve("exec.jar"));
        laptop.run("export TP_PLUGINS=" + folder + " TP_EXEC_COMMAND='" + COMMAND + "'");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @BeforeParameterizedClassInvocation
    static void connect(String transport, int mebibytes) throws Exception {
        assumeTrue(
                !transport.equals("exec") || Needs.Condition.isInstalled("kubectl"),
                () -> {
                    String line = "not run: MainJobIT over exec needs kubectl";
                    System.out.println(line);
                    return line;
                });
        Laptop.Result before = laptop.run("curl -sS -m 3 verylargejavaservice.default:8080");
        assertThat(before.exit()).as("curl before the connect: " + before.output()).isNotZero();

        Laptop.Result connected = laptop.run("tp connect --transport=" + transport);
        assumeTrue(
                connected.exit() == 0 || Laptop.isSandbox() || transport.equals("port-forward"),
                () -> {
                    String line =
                            "not run: MainJobIT over %s, which this cluster does not offer: %s"
                                    .formatted(transport, connected.output());
                    System.out.println(line);
                    return line;
                });
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterParameterizedClassInvocation
    static void quit() throws Exception {
        Laptop.Result quit = laptop.run("tp quit");
        Laptop.Result after = laptop.run("curl -sS -m 3 verylargejavaservice.default:8080");
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
        assertThat(status.output())
                .contains("\"pid\"")
                .contains("\"transport\":{\"id\":\"" + transport + "\",\"round_trip_ms\":")
                .doesNotContain("\"round_trip_ms\":null");
        assertThat(status.output())
                .contains(Laptop.isSandbox() ? List.of("10.96.0.0/16", "10.244.") : List.of("/"));
    }

    @Test
    void aSecondConnectSaysSo() throws Exception {
        Laptop.Result again = laptop.run("tp connect");

        assertThat(again.exit()).as(again.output()).isZero();
        assertThat(again.output()).containsIgnoringCase("already");
    }

    @Test
    void noBackgroundProcessKeepsTheCallersStreams() throws Exception {
        assertThat(
                        laptop.run(
                                        Duration.ofSeconds(30),
                                        "tp quit; tp connect --transport=" + transport + " | cat")
                                .exit())
                .isZero();
    }

    @Test
    void whatIsLargeComesDownWhole() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        "curl -fsS -m 100 verylargedatastore.default:8080/bytes?size=%s | sha256sum; curl -fsS verylargedatastore.default:8080/sha256?size=%s"
                                .formatted(bulk, bulk));

        assertThat(firstWords(result)).as(result.output()).hasSize(2);
        assertThat(firstWords(result).getFirst()).isEqualTo(firstWords(result).getLast());
    }

    @Test
    void whatIsLargeGoesUpWhole() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        f=$(mktemp)
                        head -c %s /dev/urandom >$f
                        sha256sum <$f
                        curl -fsS -m 100 -T $f verylargedatastore.default:8080/upload
                        rm -f $f"""
                                .formatted(bulk));

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
        if (Laptop.isSandbox()) { // whose ranges are known
            assertThat(laptop.run("$PROBE connect 10.244.200.200 80").output())
                    .containsAnyOf("No route to host", "timed out", "unreachable");
        }
    }

    private static List<String> firstWords(Laptop.Result result) {
        return result.output()
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.replaceFirst("[^0-9a-f].*", ""))
                .toList();
    }
}
