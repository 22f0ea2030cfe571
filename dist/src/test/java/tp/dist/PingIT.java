package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/** Promise 1 for what is no TCP: a ping answers if the pod does, and errors reach who asked. */
@Tag("wide")
@Needs(
        value = {"kubectl", "ping", "socat"},
        sandbox = "pods of two address families that have ping, and an address that nobody has")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PingIT {

    private static final String UP = "app=tcp-echo";
    private static final String NOBODY = "10.244.9.9";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"port-forward", "quic"})
    void aPodThatIsUpAnswersWhateverTheSize(String transport) throws Exception {
        connect("--transport=" + transport);
        for (String pod : new String[] {podIp(UP, 0), podIp(UP, 1)}) {
            assertThat(ping("-c 3 " + pod)).contains(" 3 received");
            for (int bytes : new int[] {0, 1_400, 8_000, 65_507}) {
                assertThat(ping("-c 2 -s " + bytes + " " + pod))
                        .contains(" 2 received", (bytes + 8) + " bytes from " + pod)
                        .doesNotContain("wrong data byte");
            }
        }
        assertThat(laptop.run("tp status --output json").output())
                .contains("\"ping\":{\"answered\":true,\"reason\":\"\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"port-forward", "quic"})
    void whoIsNotThereDoesNotAnswer(String transport) throws Exception {
        connect("--transport=" + transport);
        assertThat(ping("-c 2 " + NOBODY))
                .contains(" 0 received", "icmp_seq=2 Destination Host Unreachable");
        assertThat(ping("-c 2 fd00:10:244::99:99"))
                .contains(" 0 received", "icmp_seq=2 Destination unreachable: Address unreachable");
        String silent = podIpByName("blackhole");
        assertThat(ping("-c 2 " + silent)).contains(" 0 received").doesNotContain("From");
    }

    /** As from a pod: kube-proxy knows ports and nothing that would reply. */
    @Test
    void aServicesAddressIsNoHost() throws Exception {
        connect("");
        for (int family = 0; family < 2; family++) {
            String address =
                    laptop.run(
                                    "kubectl get svc tcp-echo -o jsonpath='{.spec.clusterIPs[%d]}'"
                                            .formatted(family))
                            .output();
            assertThat(ping("-c 2 " + address)).contains(" 0 received").doesNotContain("From");
            assertThat(
                            laptop.run(
                                            "kubectl exec deploy/tcp-echo -- ping -n -c 1 -W 1 "
                                                    + address)
                                    .output())
                    .contains(" 0 received");
        }
    }

    @Test
    void aPodThatIsDeletedStopsAnswering() throws Exception {
        connect("");
        assertThat(
                        laptop.run(
                                        """
                                        kubectl run pinged --image=tp.sandbox/idle &&
                                        kubectl wait --for=condition=Ready pod/pinged --timeout=30s""")
                                .exit())
                .isZero();
        String address = podIpByName("pinged");
        assertThat(ping("-c 2 " + address)).contains(" 2 received");

        assertThat(laptop.run("kubectl delete pod pinged --grace-period=0 --force").exit())
                .isZero();
        assertThat(
                        laptop.run(
                                        "for i in $(seq 50); do ping -n -c 1 -W 1 %s || exit 0; done; exit 1"
                                                .formatted(address))
                                .exit())
                .as("a ping stays without an answer")
                .isZero();
        assertThat(ping("-c 3 " + address)).contains(" 0 received");
    }

    @Test
    void anUnmappedNamespaceIsProhibited() throws Exception {
        String payroll = podIp("-n team-a app=payroll", 0);
        String payroll6 = podIp("-n team-a app=payroll", 1);
        connect("--mapped-namespaces default");
        assertThat(ping("-c 2 " + payroll)).contains(" 0 received", "icmp_seq=2 Packet filtered");
        assertThat(ping("-c 1 " + payroll6))
                .contains(" 0 received", "Destination unreachable: Administratively prohibited");

        connect("--mapped-namespaces default,team-a");
        assertThat(ping("-c 2 " + payroll)).contains(" 2 received");
    }

    /**
     * IP_RECVERR (0:11) and IPV6_RECVERR (41:25) are what a program sets that wants to know of all
     * errors; of a closed port and of a prohibition every connected socket hears.
     */
    @ParameterizedTest
    @CsvSource({
        "up, UDP4, '', Connection refused",
        "up6, UDP6, '', Connection refused",
        "nobody, UDP4, ',setsockopt-int=0:11:1', No route to host",
        "nobody6, UDP6, ',setsockopt-int=41:25:1', No route to host",
        "unmapped, UDP4, '', No route to host",
        "unmapped6, UDP6, '', Permission denied",
    })
    void anErrorReachesAProgramThatSpeaksUdp(
            String who, String family, String options, String error) throws Exception {
        String target =
                switch (who) {
                    case "up" -> podIp(UP, 0);
                    case "up6" -> '[' + podIp(UP, 1) + ']';
                    case "nobody" -> NOBODY;
                    case "nobody6" -> "[fd00:10:244::99:99]";
                    case "unmapped" -> podIp("-n team-a app=payroll", 0);
                    default -> '[' + podIp("-n team-a app=payroll", 1) + ']';
                };
        connect("--mapped-namespaces default");

        Laptop.Result sent =
                laptop.run(
                        "(echo one; sleep 2; echo two; sleep 2) | socat -t 2 - %s:%s:9%s"
                                .formatted(family, target, options));

        assertThat(sent.output()).contains(error);
        assertThat(sent.exit()).isEqualTo(1);
    }

    /** Last, because it changes the manager. */
    @Test
    @Order(Integer.MAX_VALUE)
    void whereTheClusterGivesTheManagerNoSocketThereIsSilenceAndStatusSaysWhy() throws Exception {
        connect("");
        String patch =
                "{\"spec\":{\"template\":{\"spec\":{\"securityContext\":{\"sysctls\":"
                        + "[{\"name\":\"net.ipv4.ping_group_range\",\"value\":\"1 0\"}]}}}}}";
        Laptop.Result patched =
                laptop.run(
                        Duration.ofSeconds(90),
                        "tp quit; kubectl -n tp-system patch deploy tp-manager -p '%s' && "
                                        .formatted(patch)
                                + "kubectl -n tp-system rollout status deploy/tp-manager --timeout=60s");
        assertThat(patched.exit()).as(patched.output()).isZero();
        connect("");
        String pod = podIp(UP, 0);

        assertThat(ping("-c 3 " + pod)).contains(" 0 received").doesNotContain("From");
        assertThat(laptop.run("curl -fsS -m 10 dataprocessingservice.default:3000").exit())
                .as("all else works")
                .isZero();
        assertThat(laptop.run("tp status").output())
                .contains("Ping              : not answered: the manager's pod may not open ICMP");
        assertThat(laptop.run("tp status --output json").output())
                .contains("\"ping\":{\"answered\":false,\"reason\":\"the manager's pod may not")
                .contains("net.ipv4.ping_group_range");
    }

    private static void connect(String flags) throws InterruptedException {
        Laptop.Result connected = laptop.run(Duration.ofMinutes(2), "tp quit; tp connect " + flags);
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    private static String ping(String arguments) throws InterruptedException {
        return laptop.run("ping -n -i 0.2 -W 3 " + arguments).output();
    }

    private static String podIp(String selector, int family) throws InterruptedException {
        int blank = selector.lastIndexOf(' ');
        String scope = blank < 0 ? "" : selector.substring(0, blank);
        return laptop.run(
                        "kubectl get pods %s -l %s -o jsonpath='{.items[0].status.podIPs[%d].ip}'"
                                .formatted(scope, selector.substring(blank + 1), family))
                .output();
    }

    private static String podIpByName(String pod) throws InterruptedException {
        return laptop.run("kubectl get pod %s -o jsonpath='{.status.podIP}'".formatted(pod))
                .output();
    }
}
