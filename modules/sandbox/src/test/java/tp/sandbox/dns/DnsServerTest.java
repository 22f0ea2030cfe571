package tp.sandbox.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** Questions and answers as they are on the wire. */
class DnsServerTest {

    private static final Name ZONE = Names.absolute("cluster.local");
    private static final Name WEB = Names.below("web.default.svc", ZONE);

    private final ClusterDns dns = new ClusterDns(DnsServerTest::zone, new OutsideDns());

    private static DnsZone zone() {
        DnsZone.Builder zone = new DnsZone.Builder(ZONE, 5);
        zone.exists(Names.below("default.svc", ZONE));
        zone.exists(Names.below("empty.svc", ZONE));
        zone.address(WEB, InetAddress.ofLiteral("10.96.0.20"));
        Name port = Names.below("_http._tcp", WEB);
        zone.add(new SRVRecord(port, DClass.IN, 5, 0, 100, 8080, WEB));
        zone.add(
                new CNAMERecord(
                        Names.below("outside.default.svc", ZONE),
                        DClass.IN,
                        5,
                        Names.absolute("www.example.com")));
        zone.add(
                new CNAMERecord(
                        Names.below("dangling.default.svc", ZONE),
                        DClass.IN,
                        5,
                        Names.absolute("nobody.example")));
        texts(zone, "medium", 20);
        texts(zone, "big", 60);
        return zone.build();
    }

    private static void texts(DnsZone.Builder zone, String name, int count) {
        for (int i = 0; i < count; i++) {
            zone.add(
                    new TXTRecord(
                            Names.below(name + ".default.svc", ZONE),
                            DClass.IN,
                            5,
                            "a text of some length, number " + i));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "web.default.svc.cluster.local, A, NOERROR, 1",
        "WEB.Default.SVC.cluster.local, A, NOERROR, 1",
        "web.default.svc.cluster.local, AAAA, NOERROR, 0",
        "web.default.svc.cluster.local, MX, NOERROR, 0",
        "_http._tcp.web.default.svc.cluster.local, SRV, NOERROR, 1",
        "_tcp.web.default.svc.cluster.local, A, NOERROR, 0",
        "nope.default.svc.cluster.local, A, NXDOMAIN, 0",
        "web.nope.svc.cluster.local, A, NXDOMAIN, 0",
        "empty.svc.cluster.local, A, NOERROR, 0",
        "svc.cluster.local, A, NOERROR, 0",
        "cluster.local, SOA, NOERROR, 1",
        "outside.default.svc.cluster.local, A, NOERROR, 2",
        "outside.default.svc.cluster.local, AAAA, NOERROR, 1",
        "dangling.default.svc.cluster.local, A, NXDOMAIN, 1",
        "10-244-0-5.default.pod.cluster.local, A, NOERROR, 1",
        "10-244-0-5.default.pod.cluster.local, AAAA, NOERROR, 0",
        "fd00-10-244--5.default.pod.cluster.local, AAAA, NOERROR, 1",
        "10-244-0-5.nope.pod.cluster.local, A, NXDOMAIN, 0",
        "ten.default.pod.cluster.local, A, NXDOMAIN, 0",
        "laptop.example, A, NOERROR, 1",
        "laptop.example, MX, NOERROR, 0",
        "web.default.svc, A, NXDOMAIN, 0",
    })
    void answersAsTheSpecificationSays(String name, String type, String code, int answers)
            throws IOException {
        Message answer = ask(name, Type.value(type), false);

        assertThat(Rcode.string(answer.getRcode())).isEqualTo(code);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(answers);
        if (answers == 0) {
            assertThat(answer.getSection(Section.AUTHORITY))
                    .as("RFC 2308 §3: a negative answer carries the SOA")
                    .extracting(Record::getType)
                    .containsExactly(Type.SOA);
        }
    }

    @Test
    void bringsTheAddressesOfServiceRecords() throws IOException {
        Message answer = ask("_http._tcp.web.default.svc.cluster.local", Type.SRV, false);

        assertThat(answer.getSection(Section.ADDITIONAL))
                .extracting(Record::getName)
                .containsExactly(WEB);
    }

    @Test
    void truncatesDatagramsAndSendsAllOverTcp() throws IOException {
        Message datagram = ask("big.default.svc.cluster.local", Type.TXT, false);
        Message stream = ask("big.default.svc.cluster.local", Type.TXT, true);

        assertThat(datagram.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(datagram.numBytes()).isLessThanOrEqualTo(512);
        assertThat(stream.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(stream.getSection(Section.ANSWER)).hasSize(60);
    }

    @ParameterizedTest
    @CsvSource({"medium, 512, true", "medium, 4096, false", "big, 4096, true"})
    void takesTheClientsSizeUpToItsOwn(String name, int size, boolean truncated)
            throws IOException {
        Message query = query(name + ".default.svc.cluster.local", Type.TXT);
        query.addRecord(new OPTRecord(size, 0, 0), Section.ADDITIONAL);

        Message answer = exchange(query.toWire(), false);

        assertThat(answer.getHeader().getFlag(Flags.TC)).isEqualTo(truncated);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(truncated ? 0 : 20);
        assertThat(answer.getOPT()).isNotNull();
    }

    @Test
    void dropsOrRefusesWhatIsNoQuestion() throws IOException {
        byte[] query = query("web.default.svc.cluster.local", Type.A).toWire();
        byte[] twoQuestions = query.clone();
        twoQuestions[5] = 2;
        byte[] answer = query.clone();
        answer[2] |= (byte) 0x80;

        assertThat(DnsServer.answer(dns, new byte[11], false)).isEmpty();
        assertThat(DnsServer.answer(dns, answer, false))
                .as("an answer is never answered")
                .isEmpty();
        assertThat(exchange(twoQuestions, false).getRcode()).isEqualTo(Rcode.FORMERR);
        for (int length = 12; length < query.length; length++) {
            byte[] cut = Arrays.copyOf(query, length);
            assertThat(exchange(cut, false).getRcode())
                    .as("cut after %d bytes", length)
                    .isEqualTo(Rcode.FORMERR);
        }
    }

    private Message ask(String name, int type, boolean tcp) throws IOException {
        return exchange(query(name, type).toWire(), tcp);
    }

    private static Message query(String name, int type) {
        return Message.newQuery(Record.newRecord(Names.absolute(name), type, DClass.IN));
    }

    private Message exchange(byte[] query, boolean tcp) throws IOException {
        return new Message(DnsServer.answer(dns, query, tcp).orElseThrow());
    }
}
