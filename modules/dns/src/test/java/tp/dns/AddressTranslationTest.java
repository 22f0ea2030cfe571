package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tp.spi.common.Cidr;

/** Which addresses the host sees. 10.96.0.0/16 and fd00:96::/64 are seen as they are. */
class AddressTranslationTest {

    private static final byte[] QUESTION = {1};
    private static final Cidr SERVICES = Cidr.parse("10.96.0.0/16");
    private static final Cidr SERVICES_6 = Cidr.parse("fd00:96::/64");
    private static final Name NAME = Name.fromConstantString("web.default.svc.cluster.local.");

    private final VirtualAddresses table = table("198.18.0.0/24", 100);
    private final AddressTranslation translation =
            new AddressTranslation(table, AddressTranslationTest::isSeen);

    private static boolean isSeen(InetAddress address) {
        return SERVICES.contains(address) || SERVICES_6.contains(address);
    }

    private static VirtualAddresses table(String ipv4, int capacity) {
        return new VirtualAddresses(
                Optional.of(Cidr.parse(ipv4)), Cidr.parse("fd07::/64"), new Zero(), capacity);
    }

    /** Begins where the range does. */
    private static final class Zero extends Random {
        private static final long serialVersionUID = 1L;

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    }

    /** What the cluster says, and what the host sees. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A     | 10.96.0.20                       | 10.96.0.20",
                "A     | 203.0.113.10                     | 198.18.0.1",
                "A     | 127.0.0.1                        | 198.18.0.1",
                "AAAA  | fd00:96::1                       | fd00:96:0:0:0:0:0:1",
                "AAAA  | 2001:db8::1                      | fd07:0:0:0:0:0:0:1",
                "AAAA  | ::ffff:203.0.113.10              | fd07:0:0:0:0:0:0:1",
                "HTTPS | 1 . alpn=h2 ipv4hint=203.0.113.10,10.96.0.1 | 1 . alpn=h2 ipv4hint=198.18.0.1,10.96.0.1",
                "SVCB  | 1 t. port=53 ipv6hint=2001:db8::1 | 1 t. port=53 ipv6hint=fd07:0:0:0:0:0:0:1",
                "HTTPS | 1 . ipv4hint=10.96.0.1            | 1 . ipv4hint=10.96.0.1",
                "CNAME | db.corp.example.                 | db.corp.example.",
                "SRV   | 0 100 80 203-0-113-10.web.       | 0 100 80 203-0-113-10.web.",
                "TXT   | 203.0.113.10                     | 203.0.113.10",
                "PTR   | web.default.                     | web.default.",
            })
    void onlyAddressesChange(String type, String said, String seen) throws IOException {
        ClusterAnswer answer = answer(record(type, 30, said));

        ClusterAnswer translated = translated(answer);

        Record record = translated.section(Section.ANSWER).getFirst();
        assertThat(record.rdataToString()).isEqualTo(seen);
        assertThat(record.getTTL()).isEqualTo(30);
        assertThat(record.getName()).isEqualTo(NAME);
        assertThat(record.getType()).isEqualTo(Type.value(type));
    }

    @Test
    void anIpv6HintThatIsIpv4IsNotHandedOn() throws IOException {
        ClusterAnswer answer = answer(record("HTTPS", 30, "1 . ipv6hint=::ffff:203.0.113.10"));

        assertThat(translated(answer).toString())
                .doesNotContain("203.0.113.10")
                .doesNotContain("cb00:710a");
    }

    @Test
    void additionalAddressesChangeToo() throws IOException {
        ClusterAnswer answer =
                new ClusterAnswer(
                        Rcode.NOERROR,
                        true,
                        List.of(
                                List.of(record("SRV", 30, "0 100 80 t.")),
                                List.of(),
                                List.of(record("A", 30, "203.0.113.10"))),
                        null,
                        30,
                        100);

        ClusterAnswer seen = translated(answer);

        assertThat(seen.section(Section.ADDITIONAL).getFirst().rdataToString())
                .isEqualTo("198.18.0.1");
    }

    /** Of the sets that changed; others are still what was signed. */
    @Test
    void signaturesOfWhatChangedGo() throws IOException {
        ClusterAnswer answer =
                answer(
                        record("CNAME", 30, "t."),
                        signature(Type.CNAME),
                        record("A", 30, "203.0.113.10"),
                        record("A", 30, "10.96.0.7"),
                        signature(Type.A));

        ClusterAnswer seen = translated(answer);

        assertThat(seen.section(Section.ANSWER))
                .extracting(Record::getType)
                .containsExactly(Type.CNAME, Type.RRSIG, Type.A, Type.A);
    }

    @Test
    void anAddressStandsForOneForEver() throws IOException {
        for (int round = 0; round < 2; round++) {
            assertThat(seen("203.0.113.10")).isEqualTo("198.18.0.1");
            assertThat(seen("203.0.113.11")).isEqualTo("198.18.0.2");
        }
        assertThat(table.real(InetAddress.ofLiteral("198.18.0.2")))
                .hasValueSatisfying(
                        real -> {
                            assertThat(real.address().getHostAddress()).isEqualTo("203.0.113.11");
                            assertThat(real.question()).isEqualTo(QUESTION);
                        });
        assertThat(table.real(InetAddress.ofLiteral("198.18.0.3"))).isEmpty();
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void aRangeIsGivenWholeButForItsEndsFromAnywhere() {
        VirtualAddresses small =
                new VirtualAddresses(
                        Optional.of(Cidr.parse("198.18.7.0/28")),
                        Cidr.parse("fd07::/64"),
                        new Random(11),
                        100);
        Set<String> given = new HashSet<>();
        for (int i = 0; i < 14; i++) {
            InetAddress real = InetAddress.ofLiteral("203.0.113." + i);
            given.add(small.of(real, false, () -> QUESTION).orElseThrow().getHostAddress());
        }

        assertThat(given).hasSize(14).doesNotContain("198.18.7.0", "198.18.7.15");
        assertThat(small.of(InetAddress.ofLiteral("203.0.114.0"), false, () -> QUESTION)).isEmpty();
        assertThat(small.of(InetAddress.ofLiteral("203.0.113.3"), false, () -> QUESTION))
                .isPresent();
        assertThat(small.of(InetAddress.ofLiteral("2001:db8::1"), true, () -> QUESTION))
                .isPresent();
        assertThat(small.refused()).isEqualTo(1);
    }

    @Test
    void aHostWithoutAnyRangeLeftIsRefusedAndNotMisled() throws IOException {
        VirtualAddresses none =
                new VirtualAddresses(Optional.empty(), Cidr.parse("fd07::/64"), new Random(1), 100);

        assertThat(
                        new AddressTranslation(none, address -> false)
                                .translate(answer(record("A", 30, "203.0.113.10")), () -> QUESTION))
                .isNull();
        assertThat(none.refused()).isEqualTo(1);
    }

    /** Through the resolver: what is full is SERVFAIL with a reason; what is known still works. */
    @Test
    void aFullTableIsServfail() throws IOException {
        VirtualAddresses one = table("198.18.0.0/24", 1);
        FakeUpstream cluster =
                new FakeUpstream("cluster.local.")
                        .with("a.default.svc.cluster.local.", "A", 30, "203.0.113.1")
                        .with("b.default.svc.cluster.local.", "A", 30, "203.0.113.2");
        Resolver resolver = resolver(cluster, one);

        assertThat(ask(resolver, "a.default.", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
        Message refused = ask(resolver, "b.default.", Type.A);
        assertThat(refused.getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(refused.getOPT().getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR))
                .extracting(option -> ((ExtendedErrorCodeOption) option).getText())
                .containsExactly("no virtual address is left");
        assertThat(ask(resolver, "a.default.svc.", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(resolver.statistics().failed()).isEqualTo(1);
    }

    @Test
    void theReverseNameOfAVirtualAddressIsThatOfWhatItStandsFor() throws IOException {
        FakeUpstream cluster =
                new FakeUpstream(".")
                        .with("a.default.svc.cluster.local.", "A", 30, "203.0.113.10")
                        .with("10.113.0.203.in-addr.arpa.", "PTR", 30, "db.corp.example.");
        Resolver resolver = resolver(cluster, table);
        ask(resolver, "a.default.", Type.A);

        Message answer = ask(resolver, "1.0.18.198.in-addr.arpa.", Type.PTR);

        Record pointer = answer.getSection(Section.ANSWER).getFirst();
        assertThat(pointer.getName()).hasToString("1.0.18.198.in-addr.arpa.");
        assertThat(pointer.rdataToString()).isEqualTo("db.corp.example.");
        assertThat(cluster.asked()).last().isEqualTo("10.113.0.203.in-addr.arpa. PTR");
        assertThat(ask(resolver, "2.0.18.198.in-addr.arpa.", Type.PTR).getRcode())
                .as("never given, and asked of the host")
                .isEqualTo(Rcode.REFUSED);
    }

    /** The name, and where it goes: with .corp.example also, x.corp.example never. */
    @ParameterizedTest
    @CsvSource({
        "corp.example.,       ALSO",
        "DB.Corp.example.,    ALSO",
        "xcorp.example.,      UNSAID",
        "x.corp.example.,     NEVER",
        "a.x.corp.example.,   NEVER",
        "a.b.x.corp.example., ALSO",
        "example.,            UNSAID",
        ".,                   UNSAID",
        "never.example.,      NEVER",
    })
    void theLongestNameDecides(String name, ProxiedNames.Verdict verdict) throws IOException {
        ProxiedNames names =
                new ProxiedNames(
                        List.of("corp.example", "b.x.corp.example"),
                        List.of("x.corp.example", "never.example"));

        assertThat(names.of(Name.fromString(name))).isEqualTo(verdict);
    }

    private static Resolver resolver(FakeUpstream cluster, VirtualAddresses table) {
        ResolverZones zones = ResolverZones.of("cluster.local", List.of("default"), List.of());
        Upstream host =
                (query, tcp, listener) -> {
                    byte[] refusal = query.clone();
                    refusal[2] |= (byte) 0x80;
                    refusal[3] = Rcode.REFUSED;
                    listener.answered(refusal);
                };
        return new Resolver(
                () -> zones,
                new Resolver.Externals(
                        () -> ProxiedNames.NONE,
                        new AddressTranslation(table, AddressTranslationTest::isSeen)),
                cluster,
                host,
                new HandTurnedClock());
    }

    private static Message ask(Resolver resolver, String name, int type) throws IOException {
        Message query = new Message(7);
        query.getHeader().setFlag(Flags.RD);
        query.addRecord(Record.newRecord(Name.fromString(name), type, DClass.IN), Section.QUESTION);
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        List<byte[]> answers = new ArrayList<>();
        resolver.resolve(
                ByteBuffer.wrap(query.toWire()),
                false,
                answer -> {
                    byte[] bytes = new byte[answer.remaining()];
                    answer.get(bytes);
                    answers.add(bytes);
                });
        return new Message(answers.getFirst());
    }

    private ClusterAnswer translated(ClusterAnswer answer) {
        return Objects.requireNonNull(translation.translate(answer, () -> QUESTION));
    }

    private String seen(String address) throws IOException {
        ClusterAnswer answer = answer(record("A", 30, address));
        return translated(answer).section(Section.ANSWER).getFirst().rdataToString();
    }

    private static ClusterAnswer answer(Record... records) {
        return new ClusterAnswer(
                Rcode.NOERROR,
                true,
                List.of(List.of(records), List.of(), List.of()),
                null,
                30,
                100);
    }

    private static Record record(String type, long ttl, String data) throws IOException {
        return Record.fromString(NAME, Type.value(type), DClass.IN, ttl, data, Name.root);
    }

    private static Record signature(int covered) {
        return new RRSIGRecord(
                NAME,
                DClass.IN,
                30,
                covered,
                13,
                30,
                Instant.EPOCH,
                Instant.EPOCH,
                1,
                Name.fromConstantString("cluster.local."),
                new byte[64]);
    }
}
