package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.HTTPSRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tp.incluster.ClusterObject;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.tunnel.DialOutcome;

/** What one session reaches outside the cluster: what its own questions were answered with. */
class OutsideTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Name NAME = name("db.mapped.svc.cluster.local.");
    private static final Name TARGET = name("db.corp.example.");

    private final AddressBook book = new AddressBook(() -> {});
    private final ClusterFacts facts =
            new ClusterFacts(
                    Set.of("mapped", "other"),
                    List.of(Cidr.parse("10.96.0.0/16")),
                    List.of(Cidr.parse("10.244.0.0/16")));
    private final Reach reach = new Reach(book, () -> facts, address -> Set.of(), () -> 0);
    private final List<Record> answer = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - 5; // nanoTime may be anywhere, and wraps
    private final Permits permits = new Permits(() -> nowNs);
    private DatagramSocket server;
    private NameGuard guard;

    @BeforeEach
    void start() throws IOException {
        server = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
        Thread.ofVirtual().start(this::serve);
        guard = guard(new Coverage.WholeCluster());
        book.put(ReachTest.service("mapped", "web", "10.96.0.20"));
        book.put(ReachTest.service("other", "web", "10.96.0.21"));
        book.put(ReachTest.pod("other", "p", "192.168.50.50"));
        book.put(
                new ClusterObject.EndpointSlice(
                        "default", "kubernetes", List.of(at("203.0.113.6"))));
        book.put(new ClusterObject.Node("n", List.of(at("192.168.0.1")), List.of()));
        answer.add(new CNAMERecord(NAME, DClass.IN, 5, TARGET));
    }

    private NameGuard guard(Coverage coverage) {
        return new NameGuard(
                "cluster.local",
                reach,
                coverage,
                External.parse("corp.example, 198.51.100.0/24"),
                new DnsForwarder(
                        List.of(new InetSocketAddress(LOOPBACK, server.getLocalPort())),
                        Duration.ofSeconds(5)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anAddressThatWasNotResolvedIsRefused() throws IOException {
        answers(30, "203.0.113.10");
        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.PROHIBITED);

        ask(NAME, "mapped");

        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(dial("203.0.113.11")).isEqualTo(DialOutcome.PROHIBITED);
    }

    @Test
    void aPermitEndsAMinuteAfterItsTimeToLiveAndNotForAnOpenFlow() throws IOException {
        answers(30, "203.0.113.10");
        ask(NAME, "mapped");

        nowNs += Duration.ofSeconds(90).toNanos() - 1;
        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.ESTABLISHED);
        nowNs += 1;
        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(stay("203.0.113.10", Set.of("mapped"))).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(stay("203.0.113.10", Set.of("other"))).isEqualTo(DialOutcome.PROHIBITED);

        ask(NAME, "mapped");
        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    /** Where only some namespaces are seen, a private address may be another's. */
    @Test
    void aPrivateAddressIsNotPermittedWhereItsOwnerIsNotSeen() throws IOException {
        answers(30, "172.20.1.1");
        answers(30, "203.0.113.10");

        guard = guard(new Coverage.Namespaces(List.of("mapped")));
        ask(NAME, "mapped");
        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(dial("172.20.1.1")).isEqualTo(DialOutcome.PROHIBITED);

        guard = guard(new Coverage.WholeCluster());
        ask(NAME, "mapped");
        assertThat(dial("172.20.1.1")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void aQuestionThatIsRefusedPermitsNothing() throws IOException {
        answers(30, "203.0.113.10");

        ask(name("db.other.svc.cluster.local."), "mapped");
        ask(name("example.com."), "mapped");

        assertThat(permits.size()).isZero();
    }

    @Test
    void aNamespaceThatIsNoLongerGrantedPermitsNothing() throws IOException {
        answers(30, "203.0.113.10");
        ask(NAME, "mapped");

        assertThat(reach.decide(at("203.0.113.10"), Set.of("other"), allows(Set.of("other"))))
                .isEqualTo(DialOutcome.PROHIBITED);
    }

    /** Whoever may make Services may make a name lead anywhere. */
    @ParameterizedTest
    @CsvSource({
        "169.254.169.254,       metadata",
        "fd00:ec2::254,         metadata over IPv6",
        "fe80::7,               link-local",
        "127.0.0.1,             the manager itself",
        "::1,                   the manager itself",
        "::ffff:127.0.0.1,      the same in the clothes of IPv6",
        "0.0.0.0,               the manager itself",
        "224.0.0.1,             multicast",
        "255.255.255.255,       broadcast",
        "192.168.0.1,           a node",
        "203.0.113.6,           the API server",
        "64:ff9b::a9fe:a9fe,    metadata by NAT64",
        "64:ff9b::c0a8:1,       a node by NAT64",
        "64:ff9b::a60:15,       another namespace's service by NAT64",
        "2002:7f00:1::1,        the manager itself by 6to4",
        "10.96.0.21,            another namespace's service",
        "192.168.50.50,         another namespace's pod outside every range"
    })
    void someAddressesAreNeverReachedWhateverANameSays(String address, String why)
            throws IOException {
        answers(30, address);
        ask(NAME, "mapped");

        assertThat(dial(address)).as(why).isEqualTo(DialOutcome.PROHIBITED);
    }

    @Test
    void additionalAddressesAndHintsCountToo() throws IOException {
        answer.add(
                new HTTPSRecord(
                        TARGET,
                        DClass.IN,
                        30,
                        1,
                        Name.root,
                        List.of(
                                new SVCBBase.ParameterIpv4Hint(
                                        List.of((Inet4Address) at("203.0.113.12"))))));
        ask(NAME, "mapped");

        assertThat(dial("203.0.113.12")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void theAdministratorPermitsNamesAndRanges() throws IOException {
        assertThat(dial("198.51.100.7")).isEqualTo(DialOutcome.ESTABLISHED);
        assertThat(dial("198.51.101.7")).isEqualTo(DialOutcome.PROHIBITED);

        answer.clear();
        answer.add(new ARecord(TARGET, DClass.IN, 30, at("203.0.113.10")));
        ask(TARGET, "mapped");

        assertThat(dial("203.0.113.10")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void theReverseNameOfAPermittedAddressMayBeAsked() throws IOException {
        assertThat(refused(ReverseMap.fromAddress(at("203.0.113.10")))).isTrue();

        answers(30, "203.0.113.10");
        ask(NAME, "mapped");

        assertThat(refused(ReverseMap.fromAddress(at("203.0.113.10")))).isFalse();
    }

    /** As when the link is changed: the manager has another session for the same client then. */
    @Test
    void aFlowGoesOnInAnotherSessionWhereNoneMayBegin() {
        permits.add(at("203.0.113.10"), "mapped", 30);
        Permits next = new Permits(() -> nowNs);
        next.follow(permits, at("203.0.113.10"));
        next.follow(permits, at("203.0.113.11"));

        assertThat(next.allowed(at("203.0.113.10"), Set.of("mapped"))).isTrue();
        assertThat(next.allowed(at("203.0.113.10"), Set.of("other"))).isFalse();
        assertThat(next.allows(at("203.0.113.10"), Set.of("mapped"))).isFalse();
        assertThat(next.allowed(at("203.0.113.11"), Set.of("mapped"))).isFalse();

        // What it has resolved itself meanwhile is not taken away by that.
        next.add(at("203.0.113.10"), "mapped", 30);
        next.follow(permits, at("203.0.113.10"));
        assertThat(next.allows(at("203.0.113.10"), Set.of("mapped"))).isTrue();
    }

    @Test
    void permitsAreBoundedAndTheEldestGoes() {
        for (int i = 0; i <= Permits.MAX_ADDRESSES; i++) {
            permits.add(at("203.%d.%d.1".formatted(i >> 8, i & 255)), "mapped", 30);
        }

        assertThat(permits.size()).isEqualTo(Permits.MAX_ADDRESSES);
        assertThat(dial("203.0.0.1")).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(dial("203.0.1.1")).isEqualTo(DialOutcome.ESTABLISHED);
    }

    @Test
    void theSettingIsAListOfRangesAndNames() {
        assertThat(External.of(Map.of())).isEqualTo(External.NONE);
        assertThat(External.parse(" 10.9.0.0/16, .Corp.Example.,fd00:9::/48 db.example").entries())
                .containsExactly("10.9.0.0/16", "fd00:9::/48", ".corp.example", ".db.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.0/33", "10.9.0", "a..b", "*.corp.example", "-", "a/b"})
    void aSettingThatIsWrongSaysSoInALine(String text) {
        assertThatThrownBy(() -> External.parse(text))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> assertThat(e.line()).contains("TP_EXTERNAL", text, "10.9.0.0/16"));
    }

    private void answers(long ttl, String address) {
        InetAddress literal = at(address);
        answer.add(
                literal.getAddress().length == 4
                        ? new ARecord(TARGET, DClass.IN, ttl, literal)
                        : new AAAARecord(TARGET, DClass.IN, ttl, literal));
    }

    private byte[] ask(Name name, String granted) {
        Message query = Message.newQuery(Record.newRecord(name, Type.A, DClass.IN));
        List<byte[]> replies = new ArrayList<>();
        guard.answer(
                query.toWire(), false, new NameGuard.Asker(Set.of(granted), permits), replies::add);
        return replies.getFirst();
    }

    private boolean refused(Name name) throws IOException {
        return new Message(ask(name, "mapped")).getRcode() == Rcode.REFUSED;
    }

    private DialOutcome dial(String address) {
        return reach.decide(at(address), Set.of("mapped"), allows(Set.of("mapped")));
    }

    private Predicate<InetAddress> allows(Set<String> granted) {
        External external = External.parse("corp.example, 198.51.100.0/24");
        return outside -> external.permits(outside) || permits.allows(outside, granted);
    }

    private DialOutcome stay(String address, Set<String> granted) {
        return reach.decide(at(address), granted, outside -> permits.allowed(outside, granted));
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                server.receive(packet);
                Message query = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                Message reply = new Message(query.getHeader().getID());
                reply.getHeader().setFlag(Flags.QR);
                reply.addRecord(query.getQuestion(), Section.QUESTION);
                answer.forEach(record -> reply.addRecord(record, Section.ANSWER));
                packet.setData(reply.toWire());
                server.send(packet);
            } catch (IOException e) {
                return; // closed at the end of the test
            }
        }
    }

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static Name name(String text) {
        return Name.fromConstantString(text);
    }
}
