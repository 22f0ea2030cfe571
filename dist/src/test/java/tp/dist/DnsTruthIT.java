package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/** Promise 1 for names: NXDOMAIN is said only where the owner of the name said it. */
@Needs(
        value = {"kubectl", "dig"},
        sandbox = "faults of its DNS")
class DnsTruthIT {

    /** glibc gives up after five. */
    private static final Duration BOUND = Duration.ofMillis(4_900);

    private static final List<String> NAMES =
            List.of(
                    "unasked.default.svc.cluster.local",
                    "unasked.default",
                    "nope.default.svc.cluster.local",
                    "dataprocessingservice.default.svc.cluster.local",
                    "x.dev");

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result ready =
                laptop.run(
                        "kubectl create namespace dev; kubectl -n dev create service clusterip web"
                                + " --tcp=80; tp connect");
        assertThat(ready.exit()).as(ready.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"servfail", "silent"})
    void aClustersDnsInTroubleIsServfailWithinTheBound(String fault) throws Exception {
        assertThat(laptop.run("tp sandbox fault dns=" + fault).exit()).isZero();
        try {
            for (String name : NAMES) {
                long start = System.nanoTime();
                String status =
                        laptop.run("dig +tries=1 +time=8 " + name + " | grep status:").output();

                assertThat(status).as(name).contains("status: SERVFAIL");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).as(name).isLessThan(BOUND);
            }
            assertThat(laptop.run("dig www.example.com +short").output()).isEqualTo("192.0.2.80");
        } finally {
            laptop.run("tp sandbox fault dns=off");
        }
        assertThat(laptop.run("dig nope.default.svc.cluster.local | grep status:").output())
                .contains("NXDOMAIN");
        assertThat(laptop.run("dig +short web.dev").output()).startsWith("10.96.");
    }
}
