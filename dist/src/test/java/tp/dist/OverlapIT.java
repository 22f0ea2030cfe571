package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * Promise 4: what the laptop routes itself stays its own, though the cluster has the same
 * addresses; and the cluster's services are reached all the same, by name.
 */
@Needs(
        value = {"kubectl", "socat", "dig"},
        sandbox = "its ranges")
class OverlapIT {

    /** A neighbour in the laptop's own network, at an address of the cluster's services. */
    private static final String NEIGHBOUR =
            """
            ip netns add near; ip link add near0 type veth peer name eth0 netns near
            ip link set near0 up; ip -n near link set lo up; ip -n near link set eth0 up
            ip -n near address add 10.96.64.9/32 dev eth0; ip -n near route add 192.168.200.1/32 dev eth0
            ip address add 192.168.200.1/32 dev near0
            ip netns exec near socat TCP-LISTEN:3000,fork,reuseaddr EXEC:'echo near' >/dev/null 2>&1 &
            until ip netns exec near sh -c 'ss -ltn 2>/dev/null | grep -q :3000'; do sleep 0.05; done
            """;

    private static final String ROUTE = "ip route add %s dev near0 src 192.168.200.1";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result ready =
                laptop.run(
                        NEIGHBOUR
                                + """
                                kubectl create -f - <<'END'
                                {apiVersion: v1, kind: Service, metadata: {name: low}, spec: {clusterIP: 10.96.0.20, selector: {app: dataprocessingservice}, ports: [{port: 3000}]}}
                                ---
                                {apiVersion: v1, kind: Service, metadata: {name: high}, spec: {clusterIP: 10.96.64.20, selector: {app: dataprocessingservice}, ports: [{port: 3000}]}}
                                END
                                """);
        assertThat(ready.exit()).as(ready.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @AfterEach
    void clear() throws Exception {
        laptop.run("tp quit; ip route flush dev near0 proto boot scope link");
    }

    /** The route, and whether the address 10.96.0.20 is the cluster's on the laptop. */
    @ParameterizedTest
    @CsvSource({"10.96.64.0/24, true", "10.96.0.0/16, false", "10.0.0.0/8, false"})
    void aRouteOfTheHostStaysAndTheServicesAnswer(String route, boolean low) throws Exception {
        laptop.run(ROUTE.formatted(route));
        Laptop.Result connected = laptop.run(Duration.ofMinutes(2), "tp connect");

        assertThat(connected.exit()).as(connected.output()).isZero();
        assertBothAnswer();
        assertThat(laptop.run("dig +short low.default").output())
                .startsWith(low ? "10.96.0.20" : "198.1");
        assertThat(laptop.run("dig +short high.default").output()).startsWith("198.1");
        assertThat(reverse("$(dig +short high.default)"))
                .isEqualTo("high.default.svc.cluster.local.");
        assertThat(reverse("10.96.64.20")).as("that of the laptop's own network").isEmpty();
        assertThat(laptop.run("tp status").output())
                .containsPattern("Not routed +: " + (low ? route : "10.96.0.0/16") + ": this host");
        assertThat(laptop.run("tp status -o json").output())
                .contains("\"subnet\":\"" + (low ? route : "10.96.0.0/16") + "\"")
                .contains("\"virtual_addresses\":{\"subnets\":[\"198.1");
        assertThat(laptop.run("tp quit; ip route").output())
                .contains(route)
                .doesNotContain("198.1");
        assertThat(near().output()).isEqualTo("near");
    }

    /** A VPN comes up, and ends. */
    @Test
    void aRouteThatComesLaterIsNoticed() throws Exception {
        assertThat(laptop.run(Duration.ofMinutes(2), "tp connect").exit()).isZero();
        assertThat(laptop.run("dig +short low.default").output()).isEqualTo("10.96.0.20");

        laptop.run(ROUTE.formatted("10.0.0.0/8"));
        assertThat(until("! ip route | grep -q '^10.96.0.0/16'").exit()).isZero();
        assertBothAnswer();

        laptop.run("ip route del 10.0.0.0/8");
        assertThat(until("ip route | grep -q '^10.96.0.0/16'").exit()).isZero();
        assertThat(laptop.run("dig +short low.default").output()).isEqualTo("10.96.0.20");
        assertThat(curl("low.default").exit()).isZero();
    }

    private static void assertBothAnswer() throws InterruptedException {
        assertThat(near().output()).isEqualTo("near");
        assertThat(curl("low.default").exit()).isZero();
        assertThat(curl("high.default").exit()).isZero();
    }

    private static Laptop.Result near() throws InterruptedException {
        return laptop.run("timeout 5 socat -u TCP4:10.96.64.9:3000 -");
    }

    private static Laptop.Result curl(String name) throws InterruptedException {
        return laptop.run("curl -4 -fsS -m 10 " + name + ":3000");
    }

    private static String reverse(String address) throws InterruptedException {
        return laptop.run("dig +short -x " + address).output();
    }

    private static Laptop.Result until(String condition) throws InterruptedException {
        return laptop.run(
                "for i in $(seq 100); do "
                        + condition
                        + " && exit 0; sleep 0.1; done; ip route; exit 1");
    }
}
