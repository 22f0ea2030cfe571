package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.incluster.ClusterObject;
import tp.spi.common.Cidr;
import tp.tunnel.DialOutcome;

/** The data path's rules, address by address. The client has been granted "mapped" and no other. */
class ReachTest {

    private static final Set<String> GRANTED = Set.of("mapped");

    private final List<String> moves = new ArrayList<>();
    private final AddressBook book = new AddressBook(() -> moves.add("moved"));
    private final ClusterFacts facts =
            new ClusterFacts(
                    Set.of("mapped", "other"),
                    List.of(Cidr.parse("10.96.0.0/16"), Cidr.parse("fd00:96::/112")),
                    List.of(Cidr.parse("10.244.0.0/16"), Cidr.parse("fd00:244::/56")));
    private final List<String> lookedUp = new ArrayList<>();
    private Set<String> found = Set.of();
    private boolean apiDown;
    private long nowNs = -5;
    private final Reach reach = new Reach(book, () -> facts, this::lookUp, () -> nowNs);

    @BeforeEach
    void fill() {
        book.put(service("mapped", "web", "10.96.0.20", "fd00:96::20"));
        book.put(service("other", "web", "10.96.0.21", "fd00:96::21"));
        book.put(pod("mapped", "web-0", "10.244.0.7", "fd00:244::7"));
        book.put(pod("other", "web-0", "10.244.1.7", "fd00:244::1:7"));
        book.put(new ClusterObject.Pod("mapped", "agent", at("192.168.0.9"), true, false));
        book.put(new ClusterObject.Pod("mapped", "job", at("10.244.0.8"), false, true));
        book.put(slice("mapped", "new", "10.244.0.9"));
        book.put(slice("other", "new", "10.244.1.9"));
        book.put(slice("mapped", "outside", "192.0.2.7"));
        book.put(slice("mapped", "thief", "10.244.1.7", "10.96.0.21", "169.254.169.254"));
        book.put(
                new ClusterObject.Node(
                        "node-1",
                        at("10.244.0.1", "192.168.0.1"),
                        List.of(Cidr.parse("10.244.0.0/24"))));
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.20,           ESTABLISHED,      ClusterIP of a mapped namespace",
        "fd00:96::20,          ESTABLISHED,      the same over IPv6",
        "10.244.0.7,           ESTABLISHED,      pod of a mapped namespace",
        "fd00:244::7,          ESTABLISHED,      the same over IPv6",
        "10.244.0.9,           ESTABLISHED,      endpoint whose pod is not known yet",
        "::ffff:10.244.0.7,    ESTABLISHED,      IPv4 in the clothes of IPv6",
        "10.96.0.21,           PROHIBITED,       ClusterIP of another namespace",
        "fd00:96::21,          PROHIBITED,       the same over IPv6",
        "10.244.1.7,           PROHIBITED,       pod of another namespace",
        "fd00:244::1:7,        PROHIBITED,       the same over IPv6",
        "10.244.1.9,           PROHIBITED,       endpoint of another namespace",
        "192.0.2.7,            PROHIBITED,       endpoint outside the cluster",
        "10.244.0.99,          HOST_UNREACHABLE, nobody's in the pods' range",
        "10.244.0.8,           HOST_UNREACHABLE, of a pod that ended",
        "10.96.9.9,            HOST_UNREACHABLE, nobody's in the services' range",
        "192.0.2.1,            PROHIBITED,       the internet",
        "127.0.0.1,            PROHIBITED,       the manager itself",
        "127.9.9.9,            PROHIBITED,       the manager itself",
        "::1,                  PROHIBITED,       the manager itself",
        "0.0.0.0,              PROHIBITED,       the manager itself",
        "0.1.2.3,              PROHIBITED,       this network",
        "::,                   PROHIBITED,       the manager itself",
        "::10.244.0.7,         PROHIBITED,       IPv4 in older clothes",
        "169.254.169.254,      PROHIBITED,       metadata",
        "fd00:ec2::254,        PROHIBITED,       metadata over IPv6",
        "fe80::1,              PROHIBITED,       link-local",
        "224.0.0.1,            PROHIBITED,       multicast",
        "ff02::1,              PROHIBITED,       multicast",
        "255.255.255.255,      PROHIBITED,       broadcast",
        "192.168.0.1,          PROHIBITED,       a node",
        "10.244.0.1,           PROHIBITED,       a node inside the pods' range",
        "192.168.0.9,          PROHIBITED,       a pod with its node's network",
    })
    void eachAddressHasItsRule(String address, DialOutcome outcome, String why) {
        assertThat(reach.decide(InetAddress.ofLiteral(address), GRANTED, outside -> false))
                .as(why)
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({
        "mapped, ESTABLISHED",
        "other, PROHIBITED",
        "'mapped other', PROHIBITED",
        "'', HOST_UNREACHABLE"
    })
    void anUnknownAddressIsLookedUpAfresh(String owners, DialOutcome outcome) {
        found = owners.isEmpty() ? Set.of() : Set.of(owners.split(" "));

        assertThat(decide("10.244.3.3")).isEqualTo(outcome);
        assertThat(lookedUp).containsExactly("10.244.3.3");
    }

    @Test
    void thatNobodyIsThereIsRememberedForAWhile() {
        for (int i = 0; i < 10; i++) {
            assertThat(decide("10.244.3.3")).isEqualTo(DialOutcome.HOST_UNREACHABLE);
        }
        assertThat(lookedUp).hasSize(1);

        nowNs += 5_000_000_000L;
        found = Set.of("mapped");
        assertThat(decide("10.244.3.3")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void anApiServerThatIsAwayOpensNothing() {
        apiDown = true;

        assertThat(decide("10.244.3.3")).isEqualTo(DialOutcome.HOST_UNREACHABLE);
        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    /** Bytes of a pod that just ended may still be on their way: the network ends that flow. */
    @Test
    void aFlowToAPodThatWentIsNotForbidden() {
        book.remove(pod("mapped", "web-0", "10.244.0.7", "fd00:244::7"));
        book.remove(pod("other", "web-0", "10.244.1.7", "fd00:244::1:7"));
        book.replace(ClusterObject.EndpointSlice.class, "", List.of());

        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(decide("10.244.1.7")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(moves).isEmpty();

        found = Set.of("other");
        nowNs += 5_000_000_000L;
        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
    }

    @Test
    void anAddressThatBecomesAnothersIsForbiddenAndTold() {
        book.remove(pod("mapped", "web-0", "10.244.0.7"));
        book.put(pod("mapped", "web-1", "10.244.0.7"));
        assertThat(moves).isEmpty();

        book.remove(pod("mapped", "web-1", "10.244.0.7"));
        book.put(pod("other", "web-9", "10.244.0.7"));

        assertThat(moves).isNotEmpty();
        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
    }

    @Test
    void aListThatReplacesAnotherMovesAddressesAsWell() {
        book.replace(
                ClusterObject.Pod.class,
                "",
                List.of(pod("other", "x", "10.244.0.7"), pod("mapped", "y", "10.244.5.5")));

        assertThat(moves).isNotEmpty();
        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(decide("10.244.5.5")).isEqualTo(DialOutcome.ESTABLISHED);
        // Its agent is gone with the others, and its node was never the agent's to give.
        assertThat(decide("192.168.0.9")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(book.podAddresses())
                .containsExactlyInAnyOrderElementsOf(at("10.244.0.7", "10.244.5.5"));
    }

    @Test
    void aListOfOneNamespaceReplacesWhatWasOfThatOne() {
        book.put(pod("mapped-too", "z", "10.244.9.9"));

        book.replace(ClusterObject.Pod.class, "mapped", List.of(pod("mapped", "y", "10.244.5.5")));

        assertThat(book.owner(at("10.244.9.9").getFirst()))
                .isEqualTo(new AddressBook.Owner.Namespaces(Set.of("mapped-too")));
        assertThat(book.owner(at("10.244.0.7").getFirst()))
                .isEqualTo(new AddressBook.Owner.Departed(Set.of("mapped")));
        assertThat(decide("10.244.5.5")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void anAddressOfTwoNeedsBoth() {
        book.put(pod("other", "twin", "10.244.0.7"));

        assertThat(decide("10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(
                        reach.decide(
                                InetAddress.ofLiteral("10.244.0.7"),
                                facts.namespaces(),
                                outside -> false))
                .isEqualTo(DialOutcome.ESTABLISHED);
    }

    private DialOutcome decide(String address) {
        return reach.decide(InetAddress.ofLiteral(address), GRANTED, outside -> false);
    }

    private Set<String> lookUp(InetAddress address) throws IOException {
        lookedUp.add(address.getHostAddress());
        if (apiDown) {
            throw new IOException("away");
        }
        return found;
    }

    static ClusterObject.Pod pod(String namespace, String name, String... addresses) {
        return new ClusterObject.Pod(namespace, name, at(addresses), false, false);
    }

    static ClusterObject.Service service(String namespace, String name, String... addresses) {
        return new ClusterObject.Service(namespace, name, at(addresses));
    }

    private static ClusterObject.EndpointSlice slice(
            String namespace, String name, String... addresses) {
        return new ClusterObject.EndpointSlice(namespace, name, at(addresses));
    }

    private static List<InetAddress> at(String... addresses) {
        return java.util.Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
    }
}
