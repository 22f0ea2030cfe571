package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tp.incluster.Identity;
import tp.incluster.TokenVerdict;

class PermissionsTest {

    private static final Set<String> FIVE_HUNDRED =
            IntStream.range(0, 500).mapToObj(i -> "ns-" + i).collect(Collectors.toSet());
    private static final Set<String> TWO = Set.of("ns-7", "ns-400");
    private static final Identity ALICE = account("alice", Map.of());

    private Instant now = Instant.EPOCH;

    private static Identity account(String name, Map<String, List<String>> extra) {
        return new Identity(name, "1", List.of("g"), extra);
    }

    private Permissions permissions(Reviewer reviewer) {
        return new Permissions(reviewer, () -> now);
    }

    @Test
    void oneQuestionDecidesForWhoeverMayReachEverything() throws Exception {
        Reviewer admin = new Reviewer(Set.of(Reviews.EVERYWHERE));

        assertThat(permissions(admin).allowed(ALICE, FIVE_HUNDRED)).isEqualTo(FIVE_HUNDRED);
        assertThat(admin.questions()).isEqualTo(1);
    }

    @Test
    void whoeverNamesAFewIsAskedAboutNoOthers() throws Exception {
        Reviewer all = new Reviewer(Set.of(Reviews.EVERYWHERE, "ns-7"));

        assertThat(permissions(all).allowed(ALICE, TWO)).containsExactly("ns-7");
        assertThat(all.questions()).isEqualTo(2);
    }

    /** No answer comes before twenty are asked for: one after the other would never end. */
    @Test
    void fiveHundredAreAskedManyAtATimeAndNotMore() throws Exception {
        Reviewer slow = new Reviewer(TWO);
        slow.together = new CyclicBarrier(20);

        assertThat(permissions(slow).allowed(ALICE, FIVE_HUNDRED)).isEqualTo(TWO);
        assertThat(slow.questions()).isEqualTo(501);
        assertThat(slow.most.get()).isBetween(20, 32);
    }

    @Test
    void theLinksOfOneSessionCostOneRoundOfQuestions() throws Exception {
        Reviewer two = new Reviewer(TWO);
        Permissions permissions = permissions(two);
        List<CompletableFuture<Set<String>>> links = new ArrayList<>();
        for (String credential : List.of("JTI=1", "JTI=2", "JTI=3", "JTI=4")) {
            Identity bearer =
                    account(
                            "alice",
                            Map.of(
                                    "authentication.kubernetes.io/credential-id",
                                    List.of(credential)));
            links.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return permissions.allowed(bearer, FIVE_HUNDRED);
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            }));
        }

        for (CompletableFuture<Set<String>> link : links) {
            assertThat(link.get(10, TimeUnit.SECONDS)).isEqualTo(TWO);
        }
        assertThat(two.questions()).isEqualTo(501);
    }

    @Test
    void aVerdictIsOfOneAccountAndHoldsForAMoment() throws Exception {
        Reviewer reviewer = new Reviewer(Set.of("ns-7"));
        Permissions permissions = permissions(reviewer);
        assertThat(permissions.allowed(ALICE, TWO)).containsExactly("ns-7");

        reviewer.allowed = Set.of("ns-400");
        assertThat(permissions.allowed(account("bob", Map.of()), TWO)).containsExactly("ns-400");
        assertThat(permissions.allowed(ALICE, TWO)).containsExactly("ns-7");

        now = now.plus(Permissions.KEPT);
        assertThat(permissions.allowed(ALICE, TWO)).containsExactly("ns-400");
    }

    @Test
    void noAnswerIsNoVerdictAndIsNotKept() throws Exception {
        Reviewer reviewer = new Reviewer(TWO);
        Permissions permissions = permissions(reviewer);
        reviewer.away = true;
        assertThatThrownBy(() -> permissions.allowed(ALICE, FIVE_HUNDRED))
                .isInstanceOf(IOException.class);

        reviewer.away = false;
        assertThat(permissions.allowed(ALICE, FIVE_HUNDRED)).isEqualTo(TWO);
        assertThat(permissions.allowed(ALICE, Set.of("Not_A_Label", ""))).isEmpty();
    }

    /** An API server that counts. */
    private static final class Reviewer implements Reviews {
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private volatile Set<String> allowed;
        private volatile boolean away;
        private volatile CyclicBarrier together = new CyclicBarrier(1);

        Reviewer(Set<String> allowed) {
            this.allowed = allowed;
        }

        int questions() {
            return asked.get();
        }

        @Override
        public TokenVerdict token(String token, String audience) {
            return new TokenVerdict.Rejected("nobody asks that here");
        }

        @Override
        public boolean mayConnect(Identity who, String namespace) throws IOException {
            asked.incrementAndGet();
            if (away) {
                throw new IOException("away");
            }
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            try {
                if (!namespace.equals(EVERYWHERE)) {
                    together.await(5, TimeUnit.SECONDS);
                }
            } catch (Exception e) {
                throw new IOException(e);
            } finally {
                underWay.decrementAndGet();
            }
            return allowed.contains(namespace);
        }
    }
}
