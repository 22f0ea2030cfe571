package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** Connections come and go by the thousand: none is mixed up with another, and nothing stays. */
class ChurnIT {

    private static Laptop laptop;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        assertThat(laptop.run("tp connect").exit()).isZero();
    }

    @AfterAll
    static void quit() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @Test
    void shortConnectionsThroughAService() throws Exception {
        churn("tcp-echo.default", 10_000, 30);
    }

    /** Straight to the pod, so that it is tp that is measured and not the sandbox's services. */
    @Test
    @Tag("long")
    @Needs("kubectl")
    void twoHundredThousandShortConnections() throws Exception {
        String pod =
                laptop.run(
                                "kubectl get pods -l app=tcp-echo -o jsonpath='{.items[0].status.podIP}'")
                        .output();

        churn(pod, 200_000, 60);
    }

    @Test
    void aBlackHoledPodLeavesNothingBehind() throws Exception {
        giveUpOnTheBlackHole(300);
    }

    @Test
    @Tag("long")
    void twoThousandConnectsToABlackHoledPodLeaveNothingBehind() throws Exception {
        giveUpOnTheBlackHole(2_000);
    }

    private static void churn(String host, int count, int seconds) throws InterruptedException {
        Laptop.Result result =
                laptop.run(
                        Duration.ofSeconds(seconds + 30L),
                        "$PROBE churn %s 7 %d %d".formatted(host, count, seconds));

        System.out.println(host + ": " + result.output());
        assertThat(result.output()).contains("misdelivered 0 failed 0");
        // As many as the machine makes; far fewer would be a stall.
        int right = Integer.parseInt(result.output().split(" ", 3)[1]);
        assertThat(right).isGreaterThan(count / 10);
        assertNothingStays();
    }

    private static void giveUpOnTheBlackHole(int times) throws InterruptedException {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        ip=$(kubectl get pod blackhole -o jsonpath='{.status.podIP}')
                        seq %d | xargs -P 100 -I{} sh -c "curl -s -o /dev/null -m 1 http://$ip:8080/; echo \\$?" | sort | uniq -c
                        """
                                .formatted(times));

        // 28 is curl's code for a time that is up.
        assertThat(result.output().split("\\s+")).containsExactly(String.valueOf(times), "28");
        assertNothingStays();
    }

    /** A kernel that gives up on a connect tells nobody: it takes one missing retransmission. */
    private static void assertNothingStays() throws InterruptedException {
        Laptop.Result counters =
                laptop.run(
                        """
                        counters() { tp status --output json | grep -o '"open_flows":[0-9]*,"held_syns":[0-9]*,"dials":[0-9]*'; }
                        for i in 1 2 3 4 5 6 7 8 9 10; do
                            now=$(counters)
                            [ "$now" != '"open_flows":0,"held_syns":0,"dials":0' ] || break
                            sleep 1
                        done
                        echo "$now"
                        """);

        assertThat(counters.output()).isEqualTo("\"open_flows\":0,\"held_syns\":0,\"dials\":0");
    }
}
