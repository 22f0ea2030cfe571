package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.incluster.Identity;
import tp.incluster.TokenVerdict;
import tp.metrics.MetricsGuard;

/** Who may see the manager's numbers. */
class MetricsAccessTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final SocketAddress PEER = new InetSocketAddress("10.0.0.7", 4_000);

    private final AtomicInteger asked = new AtomicInteger();

    /** What the API server says. */
    enum Word {
        NOBODY,
        MAY_NOT,
        MAY,
        SILENCE
    }

    private MetricsAccess access(Word word) {
        return new MetricsAccess(
                new MetricsAccess.Reviewer() {
                    @Override
                    public TokenVerdict token(String token) throws IOException {
                        asked.incrementAndGet();
                        return switch (word) {
                            case SILENCE -> throw new IOException("the API server is away");
                            case NOBODY -> new TokenVerdict.Rejected("it has expired");
                            case MAY, MAY_NOT ->
                                    new TokenVerdict.Accepted(
                                            new Identity("prometheus", "1", List.of(), Map.of()));
                        };
                    }

                    @Override
                    public boolean maySee(Identity who) {
                        return who.username().equals("prometheus") && word == Word.MAY;
                    }
                },
                new PeerLimit(() -> 0, PeerLimit.OTHERS),
                () -> NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "NOBODY, UNKNOWN",
        "MAY_NOT, FORBIDDEN",
        "MAY, ALLOWED",
        "SILENCE, UNDECIDED",
    })
    void theApiServerDecides(Word word, MetricsGuard.Verdict verdict) {
        String token = FakeReviews.jwt("https://issuer", NOW.plusSeconds(60));
        assertThat(access(word).ask(PEER, token)).isEqualTo(verdict);
        assertThat(asked.get()).isEqualTo(1);
    }

    @Test
    void whatCannotBeGoodCostsItNothing() {
        MetricsAccess access = access(Word.MAY);
        String expired = FakeReviews.jwt("https://issuer", NOW);
        for (String token : List.of("", "garbage", "a.b.c", "x".repeat(9_000), expired)) {
            assertThat(access.ask(PEER, token)).isEqualTo(MetricsGuard.Verdict.UNKNOWN);
        }
        assertThat(asked.get()).isZero();
    }

    @Test
    void aFloodCostsItLittle() {
        MetricsAccess access = access(Word.NOBODY);
        for (int i = 0; i < 1_000; i++) {
            access.ask(PEER, FakeReviews.jwt("https://issuer", NOW.plusSeconds(60 + i)));
        }
        assertThat(asked.get()).isEqualTo(PeerLimit.OTHERS);
    }
}
