package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import tp.spi.common.Cidr;

/**
 * Namespaces with other names here: {@code pay} and {@code money} are {@code alice} in the cluster,
 * {@code swap} is {@code pay} there, and {@code default} is itself. An answer names what can be
 * asked for here.
 */
class NameAliasesTest {

    private static final ResolverZones ZONES =
            new ResolverZones(
                    "cluster.local",
                    Map.of("pay", "alice", "money", "alice", "swap", "pay", "default", "default"),
                    List.of(Cidr.parse("10.96.0.0/16")));

    private final FakeUpstream cluster =
            new FakeUpstream("cluster.local.")
                    .with("web.alice.svc.cluster.local.", "A", 30, "10.96.0.1")
                    .with("web.pay.svc.cluster.local.", "A", 30, "10.96.0.2")
                    .with(
                            "_x._tcp.web.alice.svc.cluster.local.",
                            "SRV",
                            30,
                            "0 1 80 a-1.web.alice.svc.cluster.local.")
                    .with(
                            "to-alice.default.svc.cluster.local.",
                            "CNAME",
                            30,
                            "web.alice.svc.cluster.local.")
                    .with(
                            "to-pay.alice.svc.cluster.local.",
                            "CNAME",
                            30,
                            "web.pay.svc.cluster.local.")
                    .with(
                            "to-bob.default.svc.cluster.local.",
                            "CNAME",
                            30,
                            "web.bob.svc.cluster.local.")
                    .with(
                            "far.alice.svc.cluster.local.",
                            "CNAME",
                            30,
                            "alice.svc.cluster.local.example.")
                    .with("1.0.96.10.in-addr.arpa.", "PTR", 30, "web.alice.svc.cluster.local.")
                    .with("2.0.96.10.in-addr.arpa.", "PTR", 30, "web.pay.svc.cluster.local.");
    private final Resolver resolver =
            new Resolver(() -> ZONES, cluster, new FakeUpstream("."), new HandTurnedClock());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web.pay.                               | A    | 10.96.0.1",
                "web.money.svc.                         | A    | 10.96.0.1",
                "web.pay.svc.cluster.local.             | A    | 10.96.0.1",
                "WEB.PAY.SVC.cluster.local.             | A    | 10.96.0.1",
                "web.swap.svc.cluster.local.            | A    | 10.96.0.2",
                "_x._tcp.web.pay.                       | SRV  | 0 1 80 a-1.web.pay.svc.cluster.local.",
                "_x._tcp.web.money.svc.cluster.local.   | SRV  | 0 1 80 a-1.web.money.svc.cluster.local.",
                "to-alice.default.                      | A    | web.money.svc.cluster.local.",
                "to-pay.pay.                            | A    | web.swap.svc.cluster.local.",
                "to-bob.default.                        | A    | web.bob.svc.cluster.local.",
                "far.pay.                               | A    | alice.svc.cluster.local.example.",
                "1.0.96.10.in-addr.arpa.                | PTR  | web.money.svc.cluster.local.",
                "2.0.96.10.in-addr.arpa.                | PTR  | web.swap.svc.cluster.local.",
            })
    void anAnswerNamesWhatCanBeAskedForHere(String name, String type, String said)
            throws IOException {
        Message answer = ask(name, type);

        assertThat(Rcode.string(answer.getRcode())).isEqualTo("NOERROR");
        assertThat(answer.getSection(Section.ANSWER))
                .allSatisfy(record -> assertThat(record.getName().toString()).isEqualTo(name));
        assertThat(
                        answer.getSection(Section.ANSWER).stream()
                                .map(org.xbill.DNS.Record::rdataToString)
                                .collect(Collectors.joining(",")))
                .isEqualTo(said);
    }

    @ParameterizedTest
    @CsvSource({"web.alice.svc.cluster.local.", "web.alice.svc.", "web.bob.svc."})
    void theNameInTheClusterIsNoneHere(String name) throws IOException {
        assertThat(Rcode.string(ask(name, "A").getRcode())).isEqualTo("REFUSED");
        assertThat(cluster.asked()).isEmpty();
    }

    /** One answer of the cluster serves both names, each by its own. */
    @Test
    void whatIsCachedIsSaidAnewForEachName() throws IOException {
        ask("_x._tcp.web.pay.", "SRV");
        Message second = ask("_x._tcp.web.money.", "SRV");

        assertThat(cluster.asked()).hasSize(1);
        assertThat(second.getSection(Section.ANSWER).getFirst().rdataToString())
                .endsWith("web.money.svc.cluster.local.");
    }

    private Message ask(String name, String type) throws IOException {
        List<ByteBuffer> answers = new ArrayList<>();
        resolver.resolve(
                ByteBuffer.wrap(FakeUpstream.query(name, type).toWire()), false, answers::add);
        byte[] wire = new byte[answers.getFirst().remaining()];
        answers.getFirst().get(wire);
        return new Message(wire);
    }
}
