package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;

/** Whatever comes in, or comes back: no exception, at most one answer, and that well-formed. */
class ResolverFuzzTest {

    private static final int ROUNDS = 40_000;
    private static final List<byte[]> SEEDS =
            List.of(
                    FakeUpstream.query("web.default.", "A").toWire(),
                    FakeUpstream.query("_http._tcp.web.default.svc.cluster.local.", "SRV").toWire(),
                    FakeUpstream.query("20.0.96.10.in-addr.arpa.", "PTR").toWire(),
                    edns("example.com."));

    private final Random random = new Random(53);
    private final HandTurnedClock clock = new HandTurnedClock();
    private final Upstream liar =
            (query, tcp, listener) ->
                    listener.answered(random.nextBoolean() ? mutated(query) : garbage());
    private final Resolver resolver =
            new Resolver(
                    () -> ResolverZones.of("cluster.local", List.of("default"), List.of()),
                    liar,
                    liar,
                    clock);

    @Test
    void nothingThatComesInBreaksIt() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] query =
                    random.nextInt(8) == 0
                            ? garbage()
                            : mutated(SEEDS.get(random.nextInt(SEEDS.size())));
            List<byte[]> answers = new ArrayList<>();

            resolver.resolve(
                    ByteBuffer.wrap(query),
                    random.nextBoolean(),
                    answer -> answers.add(ResolverTest.bytes(answer)));

            assertThat(answers.size()).isLessThanOrEqualTo(1);
            for (byte[] answer : answers) {
                assertThat(answer.length).isGreaterThanOrEqualTo(12);
                assertThat(answer).startsWith(query[0], query[1]);
            }
        }
        assertThat(resolver.statistics().queries()).isEqualTo(ROUNDS);
        assertThat(clock.pending()).isZero();
    }

    private byte[] mutated(byte[] original) {
        byte[] mutant = original.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(5) == 0
                ? java.util.Arrays.copyOf(mutant, random.nextInt(mutant.length + 40))
                : mutant;
    }

    private byte[] garbage() {
        byte[] bytes = new byte[random.nextInt(600)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] edns(String name) {
        Message query = FakeUpstream.query(name, "A");
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        return query.toWire();
    }
}
