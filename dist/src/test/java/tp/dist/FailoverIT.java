package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** A way that is blocked is left for another, and taken again when it works. */
@Needs({"kubectl", "nft"})
class FailoverIT {

    private static final String BLOCK =
            """
            nft add table ip block
            nft 'add chain ip block out { type filter hook output priority 0; }'
            nft add rule ip block out ip daddr ${at%:*} udp dport ${at##*:} drop
            """;

    private static Laptop laptop;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        // The first connect installs the manager, whose address is known then.
        Laptop.Result first = laptop.run("tp connect --transport=quic");
        assumeTrue(
                first.exit() == 0 || Laptop.isSandbox(),
                () -> {
                    String line =
                            "not run: FailoverIT, since this cluster's ports are not reached: "
                                    + first.output();
                    System.out.println(line);
                    return line;
                });
        laptop.run("export at=$(tp plugins | sed -n 's/^transport *quic .* to quic:\\/\\///p')");
        laptop.run("export at=${at%%[ ,;]*}");
        laptop.run("tp quit");
        Laptop.Result connected = laptop.run("tp connect --endpoint quic://$at");
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void quit() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @Test
    void trafficFlowsAgainWithinFiveSecondsAndGoesBackWhenUdpWorks() throws Exception {
        assertThat(laptop.run("tp status --output json").output())
                .contains("\"transport\":{\"id\":\"quic\"");

        Laptop.Result blocked =
                laptop.run(
                        BLOCK
                                + """
                                start=$(date +%s%3N)
                                curl -fsS -m 1 -o /dev/null verylargejavaservice.default:8080 && echo "it was not blocked"
                                until curl -fsS -m 1 -o /dev/null verylargejavaservice.default:8080; do
                                    [ $(( $(date +%s%3N) - start )) -lt 20000 ] || break
                                done
                                echo "again after $(( $(date +%s%3N) - start )) ms"
                                tp status
                                tp plugins
                                """);

        System.out.println(blocked.output().lines().filter(l -> l.startsWith("again")).toList());
        assertThat(blocked.output())
                .doesNotContain("it was not blocked")
                .containsPattern("again after ([1-4]\\d{3}|5000) ms")
                .containsPattern("Transport +: grpc \\(round trip")
                .containsPattern("Not by quic +: failed: ")
                .containsPattern("Not by port-forward: not needed: ranks below grpc")
                .containsPattern("transport +quic +failed ")
                .containsPattern("transport +grpc +in use ")
                .containsPattern("transport +websocket +not needed ");

        Laptop.Result unblocked =
                laptop.run(
                        Duration.ofSeconds(50),
                        """
                        nft delete table ip block
                        start=$(date +%s%3N)
                        until tp status | grep -q 'Transport *: quic'; do
                            curl -fsS -m 2 -o /dev/null verylargejavaservice.default:8080 || echo "a gap"
                            [ $(( $(date +%s%3N) - start )) -lt 40000 ] || break
                        done
                        tp status
                        """);
        assertThat(unblocked.output())
                .containsPattern("Transport +: quic \\(round trip")
                .doesNotContain("a gap");
    }
}
