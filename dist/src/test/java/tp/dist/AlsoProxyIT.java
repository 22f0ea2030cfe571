package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** Ranges and names that the user wants through the cluster, or kept from it. */
@Needs(
        value = {"kubectl", "socat", "dig"},
        sandbox = "hosts outside of it, and its ranges")
class AlsoProxyIT {

    private static final String PERMITTED = "203.0.113.0/24,.corp.example";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result ready =
                laptop.run(
                        """
                        ip netns exec outside socat TCP-LISTEN:8080,fork,reuseaddr EXEC:'echo outside' >/dev/null 2>&1 &
                        tp connect -- true
                        """);
        assertThat(ready.exit()).as(ready.output()).isZero();
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
    void whatTheManagerDoesNotPermitIsSaidWithTheWayToPermitIt() throws Exception {
        permit("");
        Laptop.Result refused = laptop.run("tp connect --also-proxy " + PERMITTED);

        assertThat(refused.exit()).isZero();
        assertThat(refused.output())
                .contains(
                        "kubectl -n tp-system set env deployment/tp-manager TP_EXTERNAL="
                                + PERMITTED);
        assertThat(tcp("203.0.113.10").exit()).isNotZero();
        assertThat(tcp("db.corp.example").exit()).isNotZero();

        // The sessions there are come back, and follow.
        permit(PERMITTED);
        Laptop.Result follows =
                laptop.run(
                        "for i in $(seq 60); do ip route | grep -q ^203.0.113.0/24 && exit; sleep 0.5; done; exit 1");
        assertThat(follows.exit()).isZero();
        assertThat(tcp("203.0.113.10").output()).isEqualTo("outside");
        assertThat(tcp("db.corp.example").output()).isEqualTo("outside");
    }

    @Test
    void theMostSpecificEntryWins() throws Exception {
        permit(PERMITTED);
        Laptop.Result connected =
                laptop.run(
                        "tp connect --also-proxy "
                                + PERMITTED
                                + " --never-proxy 203.0.113.128/25,split.corp.example,10.96.0.7,"
                                + "192.168.127.0/24");

        assertThat(connected.exit()).as(connected.output()).isZero();
        assertThat(laptop.run("dig +short db.corp.example").output()).isEqualTo("203.0.113.10");
        assertThat(tcp("203.0.113.10").output()).isEqualTo("outside");
        assertThat(laptop.run("dig +short split.corp.example").output()).isEqualTo("192.0.2.66");
        assertThat(laptop.run("ip route get 203.0.113.200").output()).contains("unreachable");
        assertThat(laptop.run("ip route get 10.96.0.7").output()).contains("unreachable");
        assertThat(laptop.run("ip route get 10.96.0.6").output()).contains("dev tp");
    }

    @Test
    void theWayToTheManagerNeverLeadsThroughTheTunnel() throws Exception {
        permit("192.168.0.0/16");
        assertThat(laptop.run("tp connect --also-proxy 192.168.0.0/16").exit()).isZero();

        assertThat(laptop.run("ip route get 192.168.127.1").output()).contains("dev eth0");
        assertThat(laptop.run("ip route get 192.168.99.1").output()).contains("dev tp");
        assertThat(laptop.run("curl -fsS -m 10 dataprocessingservice.default:3000").exit())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--also-proxy 10.9/16, no range of addresses and no name",
        "--also-proxy *.corp.example, no range of addresses and no name",
        "--never-proxy 10.9.0.0/33, no range of addresses and no name",
        "--also-proxy 0.0.0.0/0, too large",
        "--also-proxy 127.0.0.0/8, touches 127.0.0.0/8",
        "--also-proxy corp.example --never-proxy .corp.example, both have .corp.example",
    })
    void whatIsWrongIsSaidInALine(String flags, String words) throws Exception {
        Laptop.Result result = laptop.run("set -f; tp connect " + flags);

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output().lines().filter(line -> line.contains(words))).hasSize(1);
        assertThat(result.output()).doesNotContain("Exception");
    }

    private static void permit(String external) throws InterruptedException {
        Laptop.Result result =
                laptop.run(
                        "kubectl -n tp-system set env deployment/tp-manager TP_EXTERNAL="
                                + external
                                + " && kubectl -n tp-system rollout status deployment/tp-manager");
        assertThat(result.exit()).as(result.output()).isZero();
    }

    private static Laptop.Result tcp(String host) throws InterruptedException {
        return laptop.run("timeout 10 socat -u TCP4:" + host + ":8080,connect-timeout=8 -");
    }
}
