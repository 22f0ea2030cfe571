package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tp.spi.common.Cidr;

class ResolverTest {

    private static final ResolverZones ZONES =
            new ResolverZones(
                    "cluster.local",
                    java.util.Map.of(
                            "default", "default", "team-a", "team-a", "dev", "dev", "pay", "pay-2"),
                    List.of(Cidr.parse("10.96.0.0/16"), Cidr.parse("fd00:10:96::/112")));

    private final HandTurnedClock clock = new HandTurnedClock();
    private final FakeUpstream cluster =
            new FakeUpstream("cluster.local.")
                    .with("web.default.svc.cluster.local.", "A", 30, "10.96.0.20")
                    .with("web.default.svc.cluster.local.", "TXT", 30, "hello")
                    .with("web.team-a.svc.cluster.local.", "A", 30, "10.96.0.21")
                    .with("web.pay-2.svc.cluster.local.", "A", 30, "10.96.0.22")
                    .with("pod-0.web.default.svc.cluster.local.", "A", 30, "10.244.1.5")
                    .with(
                            "_http._tcp.web.default.svc.cluster.local.",
                            "SRV",
                            30,
                            "0 100 80 web.default.svc.cluster.local.")
                    .with("ext.default.svc.cluster.local.", "CNAME", 30, "db.example.com.")
                    .with(
                            "inner.default.svc.cluster.local.",
                            "CNAME",
                            30,
                            "web.team-a.svc.cluster.local.")
                    .with("10-244-1-5.default.pod.cluster.local.", "A", 30, "10.244.1.5")
                    .with("dns-version.cluster.local.", "TXT", 30, "1.1.0")
                    .with("20.0.96.10.in-addr.arpa.", "PTR", 30, "web.default.svc.cluster.local.");
    private final FakeUpstream host =
            new FakeUpstream(".")
                    .with("example.com.", "A", 30, "192.0.2.1")
                    .with("github.dev.", "A", 30, "192.0.2.2")
                    .with("web.team-b.", "A", 30, "192.0.2.3")
                    .with("nas.", "A", 30, "192.0.2.4")
                    .with("wpad.corp.example.", "A", 30, "192.0.2.5");
    private ResolverZones zones = ZONES;
    private final Resolver resolver = new Resolver(() -> zones, cluster, host, clock);

    /** A WKS without any service, which dnsjava reads and cannot write. */
    @Test
    void anAnswerThatCannotBeHandedOnIsAFailure() throws IOException {
        Upstream odd = (query, tcp, listener) -> listener.answered(withEmptyWks(query));
        List<byte[]> answers = new ArrayList<>();

        new Resolver(() -> zones, odd, host, clock)
                .resolve(
                        ByteBuffer.wrap(FakeUpstream.query("web.default.", "A").toWire()),
                        false,
                        answer -> answers.add(bytes(answer)));

        assertThat(answers).hasSize(1);
        assertThat(new Message(answers.getFirst()).getRcode()).isEqualTo(Rcode.SERVFAIL);
    }

    private static byte[] withEmptyWks(byte[] query) {
        try {
            Message asked = new Message(query);
            Message answer = new Message(asked.getHeader().getID());
            answer.getHeader().setFlag(Flags.QR);
            answer.addRecord(asked.getQuestion(), Section.QUESTION);
            byte[] wire = answer.toWire();
            wire[7] = 1; // one answer: name, WKS, IN, time to live, an address and TCP
            return ByteBuffer.allocate(wire.length + 17)
                    .put(wire)
                    .putShort((short) 0xc00c)
                    .putShort((short) Type.WKS)
                    .putShort((short) DClass.IN)
                    .putInt(30)
                    .putShort((short) 5)
                    .putInt(0x0a60_0014)
                    .put((byte) 6)
                    .array();
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Name, type → rcode, first answer, who was asked ("-" for nobody). */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web.default.                          | A    | NOERROR  | 10.96.0.20 | cluster",
                "WEB.Default.                          | A    | NOERROR  | 10.96.0.20 | cluster",
                "web.default.svc.                      | A    | NOERROR  | 10.96.0.20 | cluster",
                "web.default.svc.cluster.local.        | A    | NOERROR  | 10.96.0.20 | cluster",
                "web.team-a.                           | A    | NOERROR  | 10.96.0.21 | cluster",
                "web.pay.                              | A    | NOERROR  | 10.96.0.22 | cluster",
                "web.pay.svc.cluster.local.            | A    | NOERROR  | 10.96.0.22 | cluster",
                "web.pay-2.svc.cluster.local.          | A    | REFUSED  |            | -",
                "web.default.                          | AAAA | NOERROR  |            | cluster",
                "web.default.                          | TXT  | NOERROR  | hello |  cluster",
                "pod-0.web.default.                    | A    | NOERROR  | 10.244.1.5 | cluster",
                "pod-0.web.default.svc.cluster.local.  | A    | NOERROR  | 10.244.1.5 | cluster",
                "10-244-1-5.default.pod.               | A    | NOERROR  | 10.244.1.5 | cluster",
                "10-244-1-5.default.pod.cluster.local. | A    | NOERROR  | 10.244.1.5 | cluster",
                "10-244-1-5.team-b.pod.cluster.local.  | A    | REFUSED  |            | -",
                "_http._tcp.web.default.               | SRV  | NOERROR  | 0 100 80 web.default.svc.cluster.local. | cluster",
                "ext.default.                          | A    | NOERROR  | db.example.com. | cluster",
                "dns-version.cluster.local.            | TXT  | NOERROR  | 1.1.0  | cluster",
                "nope.default.svc.cluster.local.       | A    | NXDOMAIN |            | cluster",
                "nope.default.svc.                     | A    | NXDOMAIN |            | cluster",
                "nope.default.                         | A    | NXDOMAIN |            | cluster+host",
                "github.dev.                           | A    | NOERROR  | 192.0.2.2  | cluster+host",
                "web.team-b.                           | A    | NOERROR  | 192.0.2.3  | host",
                "web.team-b.svc.                       | A    | REFUSED  |            | -",
                "web.team-b.svc.cluster.local.         | A    | REFUSED  |            | -",
                "web.team-b.svc.CLUSTER.local.         | A    | REFUSED  |            | -",
                "example.com.                          | A    | NOERROR  | 192.0.2.1  | host",
                "xcluster.local.                       | A    | NXDOMAIN |            | host",
                "web.mydefault.                        | A    | NXDOMAIN |            | host",
                "default.                              | A    | NXDOMAIN |            | host",
                "svc.                                  | A    | NXDOMAIN |            | host",
                "nas.                                  | A    | NOERROR  | 192.0.2.4  | host",
                "a\\.b.cluster.local.evil.             | A    | NXDOMAIN |            | host",
                ".                                     | NS   | NXDOMAIN |            | host",
                "20.0.96.10.in-addr.arpa.              | PTR  | NOERROR  | web.default.svc.cluster.local. | cluster",
                "1.2.0.192.in-addr.arpa.               | PTR  | NXDOMAIN |            | host",
                "96.10.in-addr.arpa.                   | PTR  | NXDOMAIN |            | host",
                "a.0.96.10.in-addr.arpa.               | PTR  | NXDOMAIN |            | host",
                "wpad.                                 | A    | NXDOMAIN |            | -",
                "wpad.default.                         | A    | NXDOMAIN |            | -",
                "wpad.default.svc.cluster.local.       | A    | NXDOMAIN |            | -",
                "wpad.corp.example.                    | A    | NOERROR  | 192.0.2.5  | host",
                "web.default.                          | AXFR | NOTIMP   |            | -",
            })
    void eachNameHasItsOwner(
            String name, String type, String rcode, String firstAnswer, String asked) {
        Message query = FakeUpstream.query(name, type);

        Message answer = ask(query, false);

        assertThat(Rcode.string(answer.getRcode())).isEqualTo(rcode);
        assertThat(firstAnswer(answer)).isEqualTo(firstAnswer == null ? "" : firstAnswer);
        assertThat(whoWasAsked()).isEqualTo(asked);
        assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
        assertThat(answer.getQuestion().getName().toString()).isEqualTo(name);
        assertThat(answer.getSection(Section.ANSWER))
                .allSatisfy(record -> assertThat(record.getName().toString()).isEqualTo(name));
    }

    @Test
    void aRefusalSaysWhyToThoseWhoUnderstandIt() {
        assertThat(why(ask(withEdns("web.team-b.svc.cluster.local.", 1232), false)))
                .isEqualTo(ExtendedErrorCodeOption.PROHIBITED);
        assertThat(ask(FakeUpstream.query("web.team-b.svc.", "A"), false).getOPT()).isNull();
    }

    @Test
    void aMappingThatChangesHoldsForTheNextQuestion() {
        assertThat(rcode("web.team-a.svc.")).isEqualTo("NOERROR");

        zones = ResolverZones.of("cluster.local", List.of("team-b"), List.of());

        assertThat(rcode("web.team-a.svc.")).isEqualTo("REFUSED");
        assertThat(rcode("web.team-b.svc.")).isEqualTo("NXDOMAIN");
    }

    @Test
    void troubleIsServfailAndNeverNoSuchName() {
        cluster.fail(Upstream.Failure.BROKEN);
        host.fail(Upstream.Failure.TIMED_OUT);

        for (String name :
                List.of("web.default.", "nope.default.", "nope.default.svc.", "example.com.")) {
            assertThat(rcode(name)).as(name).isEqualTo("SERVFAIL");
        }
        assertThat(why(ask(withEdns("web.default.", 1232), false)))
                .isEqualTo(ExtendedErrorCodeOption.NO_REACHABLE_AUTHORITY);
    }

    @Test
    void aSlowTunnelIsServfailAfterItsBound() {
        cluster.hold();
        List<Message> answers = new ArrayList<>();
        resolve(FakeUpstream.query("web.default.", "A"), false, answers);

        clock.turn(Resolver.CLUSTER_BOUND.minusMillis(1));
        assertThat(answers).isEmpty();
        clock.turn(Duration.ofMillis(1));
        assertThat(answers).extracting(Message::getRcode).containsExactly(Rcode.SERVFAIL);

        cluster.release();
        assertThat(answers).hasSize(1);
        assertThat(rcode("web.default.")).isEqualTo("NOERROR");
        assertThat(clock.pending()).isZero();
    }

    @Test
    void theClustersWordStandsWhereTheHostHasNoServers() {
        host.fail(Upstream.Failure.NO_SERVER);

        assertThat(rcode("nope.default.")).isEqualTo("NXDOMAIN");
        assertThat(rcode("example.com.")).isEqualTo("SERVFAIL");
    }

    @Test
    void aPublicDomainIsNotDeniedWhileItsOwnServersAreSilent() {
        host.fail(Upstream.Failure.TIMED_OUT);

        assertThat(rcode("github.dev.")).isEqualTo("SERVFAIL");
    }

    @Test
    void identicalQuestionsAreAskedOnce() {
        cluster.hold();
        List<Message> answers = new ArrayList<>();
        for (String name : List.of("web.default.", "web.default.svc.", "WEB.default.")) {
            resolve(FakeUpstream.query(name, "A"), false, answers);
            resolve(withEdns(name, 4096), true, answers);
        }
        resolve(FakeUpstream.query("web.default.", "AAAA"), false, answers);
        assertThat(cluster.asked())
                .containsExactly(
                        "web.default.svc.cluster.local. A", "web.default.svc.cluster.local. AAAA");

        cluster.release();

        assertThat(answers).hasSize(7).allMatch(answer -> answer.getRcode() == Rcode.NOERROR);
    }

    /** Whoever keeps it would ask somebody else for the rest. */
    @Test
    void anAliasThatLeadsOutOfTheClusterIsNotToBeKept() {
        assertThat(ttl("ext.default.")).isZero();
        assertThat(ttl("inner.default.")).isEqualTo(30);
    }

    @Test
    void answersAreKeptForTheirTimeToLive() {
        assertThat(ttl("web.default.")).isEqualTo(30);
        clock.turn(Duration.ofSeconds(29));
        assertThat(ttl("web.default.svc.cluster.local.")).isEqualTo(1);
        assertThat(cluster.asked()).hasSize(1);

        clock.turn(Duration.ofSeconds(1));
        assertThat(ttl("web.default.")).isEqualTo(30);
        assertThat(cluster.asked()).hasSize(2);
        assertThat(resolver.statistics().cached()).isEqualTo(1);
    }

    /** The SOA of the fake says four seconds (RFC 2308 §5). */
    @ParameterizedTest
    @CsvSource({"nope.default.svc., A, NXDOMAIN", "web.default., AAAA, NOERROR"})
    void thatThereIsNothingIsKeptAsTheSoaSays(String name, String type, String rcode) {
        for (int second = 0; second < 4; second++) {
            assertThat(Rcode.string(ask(FakeUpstream.query(name, type), false).getRcode()))
                    .isEqualTo(rcode);
            clock.turn(Duration.ofSeconds(1));
        }
        assertThat(cluster.asked()).hasSize(1);

        ask(FakeUpstream.query(name, type), false);
        assertThat(cluster.asked()).hasSize(2);
    }

    @Test
    void theCacheIsBounded() {
        for (int i = 0; i < AnswerCache.MAX_ENTRIES + 100; i++) {
            rcode("n" + i + ".default.svc.");
        }
        int asked = cluster.asked().size();

        rcode("n0.default.svc.");
        rcode("n" + (AnswerCache.MAX_ENTRIES + 99) + ".default.svc.");

        assertThat(cluster.asked()).hasSize(asked + 1);
    }

    /** Asker's limit, over TCP or not → whether the answer of 60 addresses is cut. */
    @ParameterizedTest
    @CsvSource({
        "0, false, true",
        "100, false, true",
        "512, false, true",
        "1232, false, false",
        "0, true, false",
        "512, true, false"
    })
    void anAnswerIsCutToWhatTheAskerTakes(int ednsBytes, boolean tcp, boolean cut) {
        for (int i = 0; i < 60; i++) {
            cluster.with("many.default.svc.cluster.local.", "A", 30, "10.244.0." + i);
        }
        cluster.udpBytes(512);
        Message query =
                ednsBytes == 0
                        ? FakeUpstream.query("many.default.", "A")
                        : withEdns("many.default.", ednsBytes);

        Message answer = ask(query, tcp);

        assertThat(answer.getHeader().getFlag(Flags.TC)).isEqualTo(cut);
        assertThat(cluster.asked())
                .containsExactly(
                        "many.default.svc.cluster.local. A",
                        "many.default.svc.cluster.local. A tcp");
        if (!cut) {
            assertThat(answer.getSection(Section.ANSWER)).hasSize(60);
        }
    }

    /** Bytes in hexadecimal → what is answered; nothing where there is no answer. */
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "12340100, ''",
        "123481000001000000000000 00 0001 0001, ''",
        "123401000000000000000000, 123481010000000000000000",
        "123401000002000000000000 00 0001 0001 00 0001 0001, 123481010000000000000000",
        "123401000001000000000000 c00c 0001 0001, 123481010000000000000000",
        "123401000001000000000000 3f, 123481010000000000000000",
        "123428000001000000000000 00 0006 0001, 1234a8040000000000000000",
        "123401000001000000000002 00 0001 0001 00 0029 04d0 00000000 0000 00 0029 04d0 00000000"
                + " 0000, 123481010000000000000000",
    })
    void whatIsNoQuestionGetsNoAnswerOrAnError(String query, String expected) {
        List<String> answers = new ArrayList<>();

        resolver.resolve(ByteBuffer.wrap(hex(query)), false, answer -> answers.add(hex(answer)));

        assertThat(String.join(" ", answers)).isEqualTo(expected);
        assertThat(resolver.statistics().malformed()).isEqualTo(1);
    }

    @Test
    void aLaterVersionOfEdnsIsAnsweredBadvers() {
        Message query = FakeUpstream.query("web.default.", "A");
        query.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);

        assertThat(ask(query, false).getRcode()).isEqualTo(Rcode.BADVERS);
    }

    @Test
    void anAnswerToAnotherQuestionIsTrouble() {
        Upstream confused =
                (query, tcp, listener) ->
                        listener.answered(FakeUpstream.query("other.", "A").toWire());
        Resolver other = new Resolver(() -> ZONES, confused, host, clock);
        List<Integer> rcodes = new ArrayList<>();

        other.resolve(
                ByteBuffer.wrap(FakeUpstream.query("web.default.", "A").toWire()),
                false,
                answer -> rcodes.add(FakeUpstream.parse(bytes(answer)).getRcode()));

        assertThat(rcodes).containsExactly(Rcode.SERVFAIL);
    }

    /** A forwarder of the host that asks us again must not go round for ever. */
    @Test
    void aCircleOfForwardersEnds() {
        List<Resolver> self = new ArrayList<>();
        Upstream circle =
                (query, tcp, listener) ->
                        self.getFirst()
                                .resolve(
                                        ByteBuffer.wrap(query),
                                        tcp,
                                        answer -> listener.answered(bytes(answer)));
        self.add(new Resolver(() -> ZONES, cluster, circle, clock));
        List<Integer> rcodes = new ArrayList<>();

        self.getFirst()
                .resolve(
                        ByteBuffer.wrap(FakeUpstream.query("example.com.", "A").toWire()),
                        false,
                        answer -> rcodes.add(FakeUpstream.parse(bytes(answer)).getRcode()));
        clock.turn(Duration.ofSeconds(10));

        assertThat(rcodes).containsExactly(Rcode.SERVFAIL);
        assertThat(self.getFirst().statistics().forwarded()).isEqualTo(2);
    }

    @Test
    void anAddressIsKnownByTheNameThatWasAskedForLast() {
        InetAddress web = InetAddress.ofLiteral("10.96.0.20");
        assertThat(resolver.nameOf(web)).isEmpty();
        rcode("web.default.svc.cluster.local.");
        rcode("web.default.");
        assertThat(resolver.nameOf(web)).contains("web.default");
        rcode("nope.default.svc.cluster.local.");
        rcode("example.com.");
        assertThat(resolver.nameOf(InetAddress.ofLiteral("192.0.2.1"))).isEmpty();
    }

    private String rcode(String name) {
        return Rcode.string(ask(FakeUpstream.query(name, "A"), false).getRcode());
    }

    private long ttl(String name) {
        return ask(FakeUpstream.query(name, "A"), false)
                .getSection(Section.ANSWER)
                .getFirst()
                .getTTL();
    }

    private Message ask(Message query, boolean tcp) {
        List<Message> answers = new ArrayList<>();
        resolve(query, tcp, answers);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private void resolve(Message query, boolean tcp, List<Message> answers) {
        resolver.resolve(
                ByteBuffer.wrap(query.toWire()),
                tcp,
                answer -> answers.add(FakeUpstream.parse(bytes(answer))));
    }

    private String whoWasAsked() {
        List<String> who = new ArrayList<>();
        if (!cluster.asked().isEmpty()) {
            who.add("cluster");
        }
        if (!host.asked().isEmpty()) {
            who.add("host");
        }
        return who.isEmpty() ? "-" : String.join("+", who);
    }

    private static String firstAnswer(Message answer) {
        return answer.getSection(Section.ANSWER).stream()
                .limit(1)
                .map(record -> record.rdataToString().replace("\"", ""))
                .collect(Collectors.joining());
    }

    private static int why(Message answer) {
        return answer.getOPT().getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR).stream()
                .map(ExtendedErrorCodeOption.class::cast)
                .findFirst()
                .orElseThrow()
                .getErrorCode();
    }

    private static Message withEdns(String name, int bytes) {
        Message query = FakeUpstream.query(name, "A");
        query.addRecord(new OPTRecord(bytes, 0, 0), Section.ADDITIONAL);
        return query;
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] hex(String text) {
        return java.util.HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static String hex(ByteBuffer buffer) {
        return java.util.HexFormat.of().formatHex(bytes(buffer));
    }
}
