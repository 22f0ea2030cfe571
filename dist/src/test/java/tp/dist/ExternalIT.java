package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/**
 * What lies outside the cluster and is a Service in it: reached through the cluster, also where the
 * laptop cannot reach it, or would reach something else by the same name or address.
 */
@Needs(
        value = {"kubectl", "socat", "dig"},
        sandbox = "hosts outside of it, and its ranges")
class ExternalIT {

    private static final String OBJECTS =
            """
            kubectl apply -f - <<'END'
            {apiVersion: v1, kind: Service, metadata: {name: ext}, spec: {type: ExternalName, externalName: db.corp.example}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: split}, spec: {type: ExternalName, externalName: split.corp.example}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: meta}, spec: {type: ExternalName, externalName: meta.corp.example}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: bare}, spec: {ports: [{port: 8080}]}}
            ---
            {apiVersion: v1, kind: Endpoints, metadata: {name: bare}, subsets: [{addresses: [{ip: 203.0.113.10}], ports: [{port: 8080}]}]}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: headless}, spec: {clusterIP: None, ports: [{name: x, port: 8080}]}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: headless, labels: {kubernetes.io/service-name: headless}},
             addressType: IPv4, endpoints: [{addresses: [203.0.113.10]}], ports: [{name: x, port: 8080}]}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: zero}, spec: {clusterIP: 10.96.7.0, selector: {app: dataprocessingservice}, ports: [{port: 3000}]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: last}, spec: {clusterIP: 10.96.7.255, selector: {app: dataprocessingservice}, ports: [{port: 3000}]}}
            END
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result ready =
                laptop.run(
                        OBJECTS
                                + """
                                ip netns exec outside socat TCP-LISTEN:8080,fork,reuseaddr EXEC:'echo outside' >/dev/null 2>&1 &
                                ip netns exec outside socat TCP6-LISTEN:8086,ipv6only,fork,reuseaddr EXEC:'echo outside6' >/dev/null 2>&1 &
                                ip netns exec outside socat UDP-RECVFROM:9000,fork EXEC:cat >/dev/null 2>&1 &
                                tp connect
                                """);
        assertThat(ready.exit()).as(ready.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext.default",
                "ext.default.svc.cluster.local",
                "bare.default",
                "headless.default",
                "split.default",
            })
    void aServiceThatLeadsOutsideAnswersThroughTheTunnel(String name) throws Exception {
        assertThat(tcp(name, 8080).output()).isEqualTo("outside");
    }

    @Test
    void theSameAddressDirectlyFromTheLaptopDoesNot() throws Exception {
        assertThat(tcp("203.0.113.10", 8080).exit()).isNotZero();
        assertThat(tcp("db.corp.example", 8080).exit()).isNotZero();
        assertThat(laptop.run("ip -o route get 203.0.113.10").output()).contains("unreachable");
    }

    /** The laptop's own network has a host of that address, and its resolver such a name. */
    @Test
    void aNameLeadsWhereTheClusterSaysAndAnAddressWhereTheLaptopsRoutesLead() throws Exception {
        laptop.run(
                """
                ip netns add near; ip link add near0 type veth peer name eth0 netns near
                ip address add 203.0.113.1/24 dev near0; ip link set near0 up
                ip -n near address add 203.0.113.10/24 dev eth0; ip -n near link set eth0 up
                ip netns exec near socat TCP-LISTEN:8080,fork,reuseaddr EXEC:'echo near' >/dev/null 2>&1 &
                for i in $(seq 100); do timeout 1 socat -u TCP:203.0.113.10:8080 - && break; done
                """);
        try {
            assertThat(tcp("203.0.113.10", 8080).output()).isEqualTo("near");
            assertThat(tcp("ext.default", 8080).output()).isEqualTo("outside");
            assertThat(laptop.run("getent hosts split.corp.example").output())
                    .startsWith("192.0.2.66");
            assertThat(tcp("split.default", 8080).output()).isEqualTo("outside");
        } finally {
            laptop.run("ip link del near0; ip netns del near");
        }
    }

    /** Refused, as it is outside; what the manager never reaches is prohibited. */
    @ParameterizedTest
    @CsvSource({"ext.default, 8081, Connection refused", "meta.default, 80, No route to host"})
    void aFailureIsTheOutsidesOwn(String name, int port, String message) throws Exception {
        assertThat(tcp(name, port).output()).contains(message);
    }

    @Test
    void datagramsAndIpv6LeadThereToo() throws Exception {
        assertThat(laptop.run("echo hello | socat -t 3 - UDP4:ext.default:9000").output())
                .isEqualTo("hello");
        assertThat(laptop.run("socat -u TCP6:ext.default:8086 -").output()).isEqualTo("outside6");
    }

    @Test
    void dnsNamesTheVirtualAddressInEveryRecord() throws Exception {
        String virtual = laptop.run("dig +short ext.default A | tail -1").output();

        assertThat(virtual).startsWith("198.1");
        assertThat(laptop.run("dig +short headless.default").output()).isEqualTo(virtual);
        assertThat(laptop.run("dig +noall +additional _x._tcp.headless.default SRV").output())
                .containsPattern("\\sA\\s" + virtual);
        assertThat(laptop.run("dig +short -x " + virtual).output())
                .contains("headless.default.svc.cluster.local.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero.default", "10.96.7.0", "last.default", "10.96.7.255"})
    void noAddressOfARangeIsSpecial(String where) throws Exception {
        assertThat(laptop.run("curl -fsS -m 10 " + where + ":3000").exit()).isZero();
    }

    /** The next manager has permitted nothing yet, and the application does not ask again. */
    @Test
    void anAddressThatAnApplicationKeepsWorksAfterTheManagerWasReplaced() throws Exception {
        String virtual = laptop.run("dig +short ext.default A | tail -1").output();
        Laptop.Result replaced =
                laptop.run(
                        """
                        kubectl -n tp-system delete pod -l app.kubernetes.io/name=tp-manager
                        kubectl -n tp-system wait --for=condition=Available deployment/tp-manager
                        for i in $(seq 60); do
                          tp status -o json | grep -q '"status":"connected".*"reconnects":[1-9]' && exit 0; sleep 0.5
                        done; exit 1
                        """);
        assertThat(replaced.exit()).as(replaced.output()).isZero();

        assertThat(tcp(virtual, 8080).output()).isEqualTo("outside");
        assertThat(laptop.run("echo again | socat -t 3 - UDP4:" + virtual + ":9000").output())
                .isEqualTo("again");
    }

    private static Laptop.Result tcp(String host, int port) throws InterruptedException {
        return laptop.run("timeout 10 socat -u TCP4:" + host + ":" + port + ",connect-timeout=8 -");
    }
}
