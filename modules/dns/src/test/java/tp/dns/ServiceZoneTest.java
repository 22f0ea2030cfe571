package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The Kubernetes DNS specification, row by row. */
class ServiceZoneTest {

    private static final ServiceZone.Port HTTP = new ServiceZone.Port("http", "TCP", 80);

    /** Kubernetes takes it; "_" before it is one byte more than a label has. */
    private static final String LONGEST = "p".repeat(63);

    private static final ServiceZone ZONE =
            new ServiceZone.Builder("cluster.local")
                    .namespace("default")
                    .namespace("empty")
                    .clusterIps(
                            "default",
                            "web",
                            List.of(at("10.96.0.1"), at("fd00::1")),
                            List.of(
                                    HTTP,
                                    new ServiceZone.Port("", "TCP", 81),
                                    new ServiceZone.Port(LONGEST, "TCP", 82)))
                    .headless(
                            "default",
                            "peers",
                            List.of(
                                    endpoint("10.1.0.1", "peer-0"),
                                    endpoint("10.1.0.2", ""),
                                    endpoint("fd00:1::2", "")))
                    .alias("default", "ext", "db.corp.example")
                    .alias("default", "inner", "web.default.svc.cluster.local")
                    .alias("default", "loop", "loop.default.svc.cluster.local")
                    .alias("default", "bare", "empty.svc.cluster.local")
                    .alias("default", "unmapped", "web.elsewhere.svc.cluster.local")
                    .alias("default", "long", LONGEST + "p.example")
                    .pod("default", at("10.1.0.1"))
                    .pod("default", at("fd00:1::2"))
                    .build();

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static ServiceZone.Endpoint endpoint(String address, String hostname) {
        return new ServiceZone.Endpoint(at(address), hostname, List.of(HTTP));
    }

    private static Message ask(String name, String type) throws IOException {
        Message query =
                Message.newQuery(
                        Record.newRecord(
                                Name.fromString(name, Name.root), Type.value(type), DClass.IN));
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        byte[] answer = ZONE.answer(ByteBuffer.wrap(query.toWire())).orElseThrow();
        Message message = new Message(answer);
        assertThat(message.getHeader().getID()).isEqualTo(query.getHeader().getID());
        assertThat(message.getQuestion()).isEqualTo(query.getQuestion());
        return message;
    }

    private static String said(Message answer) {
        String records =
                answer.getSection(Section.ANSWER).stream()
                        .map(one -> Type.string(one.getType()) + " " + one.rdataToString())
                        .sorted()
                        .collect(Collectors.joining("; "));
        if (answer.getRcode() != Rcode.NOERROR) {
            return Rcode.string(answer.getRcode());
        }
        return records.isEmpty() ? "NODATA" : records;
    }

    @ParameterizedTest
    @CsvSource({
        "web.default.svc.cluster.local, A, A 10.96.0.1",
        "WEB.Default.svc.Cluster.Local, AAAA, AAAA fd00:0:0:0:0:0:0:1",
        "web.default.svc.cluster.local, TXT, NODATA",
        "_http._tcp.web.default.svc.cluster.local, SRV, SRV 0 100 80 web.default.svc.cluster.local.",
        "_http._tcp.web.default.svc.cluster.local, A, NODATA",
        "_tcp.web.default.svc.cluster.local, A, NODATA",
        "_http._udp.web.default.svc.cluster.local, SRV, NXDOMAIN",
        "1.0.96.10.in-addr.arpa, PTR, PTR web.default.svc.cluster.local.",
        "2.0.96.10.in-addr.arpa, PTR, NXDOMAIN",
        "peers.default.svc.cluster.local, A, A 10.1.0.1; A 10.1.0.2",
        "peer-0.peers.default.svc.cluster.local, A, A 10.1.0.1",
        "10-1-0-2.peers.default.svc.cluster.local, A, A 10.1.0.2",
        "fd00-1--2.peers.default.svc.cluster.local, AAAA, AAAA fd00:1:0:0:0:0:0:2",
        "peer-1.peers.default.svc.cluster.local, A, NXDOMAIN",
        "1.0.1.10.in-addr.arpa, PTR, PTR peer-0.peers.default.svc.cluster.local.",
        "nope.default.svc.cluster.local, A, NXDOMAIN",
        "default.svc.cluster.local, A, NODATA",
        "empty.svc.cluster.local, A, NODATA",
        "empty.pod.cluster.local, A, NODATA",
        "nowhere.svc.cluster.local, A, REFUSED",
        "web.nowhere.svc.cluster.local, A, REFUSED",
        "10-1-0-1.nowhere.pod.cluster.local, A, REFUSED",
        "nope.cluster.local, A, NXDOMAIN",
        "svc.cluster.local, A, NODATA",
        "cluster.local, A, NODATA",
        "dns-version.cluster.local, TXT, TXT 1.1.0",
        "10-1-0-1.default.pod.cluster.local, A, A 10.1.0.1",
        "10-1-0-1.default.pod.cluster.local, AAAA, NODATA",
        "fd00-1--2.default.pod.cluster.local, AAAA, AAAA fd00:1:0:0:0:0:0:2",
        "10-1-0-9.default.pod.cluster.local, A, NXDOMAIN",
        "10-1-0-1.empty.pod.cluster.local, A, NXDOMAIN",
        "inner.default.svc.cluster.local, A, A 10.96.0.1; CNAME web.default.svc.cluster.local.",
        "ext.default.svc.cluster.local, CNAME, CNAME db.corp.example.",
        "ext.default.svc.cluster.local, A, REFUSED",
        "loop.default.svc.cluster.local, A, SERVFAIL",
        "unmapped.default.svc.cluster.local, A, REFUSED",
        "unmapped.default.svc.cluster.local, CNAME, CNAME web.elsewhere.svc.cluster.local.",
        "long.default.svc.cluster.local, A, NODATA",
    })
    void theSpecificationHolds(String name, String type, String expected) throws IOException {
        assertThat(said(ask(name, type))).isEqualTo(expected);
    }

    @Test
    void whatDoesNotExistIsKeptAsShortAsWhatDoes() throws IOException {
        Message answer = ask("nope.default.svc.cluster.local", "A");

        assertThat(answer.getSection(Section.AUTHORITY))
                .singleElement()
                .satisfies(soa -> assertThat(soa.getTTL()).isEqualTo(5));
    }

    @Test
    void theAddressesOfAnSrvRecordsTargetComeAlong() throws IOException {
        Message answer = ask("_http._tcp.peers.default.svc.cluster.local", "SRV");

        assertThat(answer.getSection(Section.ANSWER)).hasSize(3);
        assertThat(answer.getSection(Section.ADDITIONAL))
                .filteredOn(one -> !(one instanceof OPTRecord))
                .hasSize(3);
    }

    /** One after the other they would be compared with each other for minutes. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aServiceMayHaveVeryManyEndpoints() throws IOException {
        List<ServiceZone.Endpoint> many = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            many.add(endpoint("10.1." + i / 256 + "." + i % 256, ""));
        }
        ServiceZone zone =
                new ServiceZone.Builder("cluster.local").headless("default", "many", many).build();
        ByteBuffer question =
                ByteBuffer.wrap(AddressQuestion.of("10-1-77-255.many.default.svc.cluster.local"));

        assertThat(AddressQuestion.lack(zone.answer(question).orElseThrow())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ext.default.svc.cluster.local, needs the manager",
        "unmapped.default.svc.cluster.local, namespace is not mapped",
    })
    void whatIsRefusedIsSoWithAReason(String name, String reason) throws IOException {
        assertThat(ask(name, "A").getOPT().getOptions())
                .extracting(EDNSOption::toString)
                .singleElement()
                .asString()
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "web.default.svc.cluster.local, ''",
        "inner.default.svc.cluster.local, ''",
        "empty.svc.cluster.local, no address",
        "bare.default.svc.cluster.local, no address",
        "nope.default.svc.cluster.local, NXDOMAIN",
    })
    void whatAnAnswerLacksIsTold(String name, String lack) {
        ByteBuffer question = ByteBuffer.wrap(AddressQuestion.of(name));

        assertThat(AddressQuestion.lack(ZONE.answer(question).orElseThrow())).isEqualTo(lack);
    }

    @Test
    void whatIsNoQuestionIsNotAnswered() throws IOException {
        assertThat(ZONE.answer(ByteBuffer.wrap(new byte[3]))).isEmpty();
        assertThat(ZONE.answer(ByteBuffer.wrap(new byte[12]))).isEmpty();
        byte[] answer = ask("web.default.svc.cluster.local", "A").toWire();
        assertThat(ZONE.answer(ByteBuffer.wrap(answer))).isEmpty();
    }
}
