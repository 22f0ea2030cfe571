package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.connector.Targets.Choice;
import tp.connector.Targets.PodPort;
import tp.kube.ClusterTable;
import tp.kube.ClusterTable.ObjectName;
import tp.kube.ClusterTable.ServicePort;
import tp.tunnel.DialOutcome;

/** Where addresses lead, and whose turn it is. */
class TargetsTest {

    private static final ClusterTable.Pod ONE = pod("web-1", "10.1.0.1", "fd00::1");
    private static final ClusterTable.Pod TWO = pod("web-2", "10.1.0.2");
    private static final ClusterTable.Pod NOT_READY = pod("web-3", "10.1.0.3");

    private static final ClusterTable TABLE =
            new ClusterTable(
                    List.of(
                            service("web", "10.96.0.1", new ServicePort("http", "TCP", 80)),
                            service("dns", "10.96.0.2", new ServicePort("dns", "UDP", 53)),
                            service("none", "10.96.0.3", new ServicePort("", "TCP", 80)),
                            service("away", "10.96.0.4", new ServicePort("", "TCP", 80))),
                    List.of(
                            slice("web", 8080, endpoint(ONE), endpoint(NOT_READY, false)),
                            // The same name is another port in another pod.
                            slice("web", 9090, endpoint(TWO)),
                            // One pod has two addresses.
                            slice("web", 8080, endpoint(ONE)),
                            new ClusterTable.Slice(
                                    name("away"),
                                    List.of(new ServicePort("", "TCP", 80)),
                                    List.of(
                                            new ClusterTable.Endpoint(
                                                    List.of(at("192.0.2.1")),
                                                    true,
                                                    "",
                                                    Optional.empty())))),
                    List.of(ONE, TWO, NOT_READY));

    private final Targets targets = new Targets(TABLE);

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static ObjectName name(String name) {
        return new ObjectName("default", name);
    }

    private static ClusterTable.Pod pod(String name, String... addresses) {
        return new ClusterTable.Pod(
                name(name),
                name + "-uid",
                List.of(addresses).stream().map(TargetsTest::at).toList());
    }

    private static ClusterTable.Service service(String name, String address, ServicePort port) {
        return new ClusterTable.Service(
                name(name), List.of(at(address)), Optional.empty(), false, List.of(port));
    }

    private static ClusterTable.Slice slice(
            String service, int port, ClusterTable.Endpoint... endpoints) {
        return new ClusterTable.Slice(
                name(service),
                List.of(new ServicePort("http", "TCP", port), new ServicePort("other", "TCP", 1)),
                List.of(endpoints));
    }

    private static ClusterTable.Endpoint endpoint(ClusterTable.Pod pod) {
        return endpoint(pod, true);
    }

    private static ClusterTable.Endpoint endpoint(ClusterTable.Pod pod, boolean ready) {
        return new ClusterTable.Endpoint(
                List.of(pod.addresses().getFirst()), ready, "", Optional.of(pod.name()));
    }

    private Choice choose(String address, int port) {
        return targets.choose(new InetSocketAddress(at(address), port));
    }

    @Test
    void aServicesPortLeadsToThePortOfThatNameInEachReadyPod() {
        assertThat(choose("10.96.0.1", 80))
                .isEqualTo(
                        new Choice.Ports(
                                "web.default:80",
                                List.of(new PodPort(ONE, 8080), new PodPort(TWO, 9090))));
    }

    @Test
    void aPodsAddressLeadsToAnyPortOfItReadyOrNot() {
        assertThat(choose("10.1.0.3", 1234))
                .isEqualTo(
                        new Choice.Ports(
                                "web-3.default:1234", List.of(new PodPort(NOT_READY, 1234))));
        assertThat(choose("fd00::1", 80))
                .isEqualTo(new Choice.Ports("web-1.default:80", List.of(new PodPort(ONE, 80))));
    }

    @Test
    void whatAProxyOfANodeRefusesIsRefused() {
        assertThat(choose("10.96.0.1", 81))
                .isEqualTo(
                        new Choice.Refused(DialOutcome.REFUSED, "web.default has no TCP port 81"));
        assertThat(choose("10.96.0.2", 53))
                .isEqualTo(
                        new Choice.Refused(DialOutcome.REFUSED, "dns.default has no TCP port 53"));
        assertThat(choose("10.96.0.3", 80))
                .isEqualTo(
                        new Choice.Refused(
                                DialOutcome.REFUSED,
                                "none.default:80 has no endpoint that is ready"));
    }

    @Test
    void whatIsNoPodIsProhibitedWithItsAddress() {
        assertThat(choose("10.96.0.4", 80))
                .isEqualTo(
                        new Choice.Refused(
                                DialOutcome.PROHIBITED,
                                "away.default:80 leads to 192.0.2.1, which is no pod: that needs"
                                        + " the manager"));
        assertThat(choose("10.96.9.9", 80))
                .isEqualTo(
                        new Choice.Refused(
                                DialOutcome.PROHIBITED,
                                "10.96.9.9:80 is no address of a Service or a pod of the mapped"
                                        + " namespaces"));
    }

    /** Each dial looks at all of them. */
    @Test
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aServiceMayHaveVeryManyEndpoints() {
        List<ClusterTable.Pod> many = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            many.add(pod("many-" + i, "10.2." + i / 256 + "." + i % 256));
        }
        Targets targets =
                new Targets(
                        new ClusterTable(
                                List.of(
                                        service(
                                                "many",
                                                "10.96.0.9",
                                                new ServicePort("http", "TCP", 80))),
                                List.of(
                                        slice(
                                                "many",
                                                8080,
                                                many.stream()
                                                        .map(TargetsTest::endpoint)
                                                        .toArray(ClusterTable.Endpoint[]::new))),
                                many));

        assertThat(targets.choose(new InetSocketAddress(at("10.96.0.9"), 80)))
                .isInstanceOfSatisfying(
                        Choice.Ports.class, one -> assertThat(one.ports()).hasSize(60_000));
    }

    @Test
    void aPodOfTheSameNameIsAnotherOne() {
        assertThat(targets.has(ONE)).isTrue();
        assertThat(targets.has(new ClusterTable.Pod(ONE.name(), "other", ONE.addresses())))
                .isFalse();
    }

    @Test
    void endpointsTakeTurnsAndOneThatFailedComesLastForAWhile() {
        Turns turns = new Turns();
        Choice.Ports web = (Choice.Ports) choose("10.96.0.1", 80);
        PodPort one = new PodPort(ONE, 8080);
        PodPort two = new PodPort(TWO, 9090);

        assertThat(turns.order(web, 0)).containsExactly(one, two);
        assertThat(turns.order(web, 0)).containsExactly(two, one);
        turns.avoid(one, 0);
        assertThat(turns.order(web, 1)).containsExactly(two, one);
        assertThat(turns.order(web, 9_999_999_999L)).containsExactly(two, one);
        assertThat(turns.order(web, 10_000_000_001L)).containsExactly(one, two);
    }
}
