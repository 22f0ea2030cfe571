package tp.manager;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import tp.incluster.Identity;
import tp.spi.common.DnsLabel;

/**
 * Which namespaces an account may connect to, as the API server says. Where it is about many, one
 * question about all of them comes first, which decides for whoever may reach everything; then each
 * is asked about, many at a time. What was said is kept for a moment, so that the links of one
 * session, which come together, cost one round of questions. Any thread; calls wait.
 */
final class Permissions {

    private static final System.Logger LOG = System.getLogger(Permissions.class.getName());

    /**
     * For how long a verdict holds. A right that is taken away counts for that much longer; the API
     * server itself keeps what a webhook told it for minutes.
     */
    static final Duration KEPT = Duration.ofSeconds(4);

    private static final int MAX_KEPT = 16_384;

    /** Whoever names so few would wait longer for the question about all. */
    private static final int FEW = 8;

    private static final int MAX_PARALLEL = 32;

    /** The client's hello is to be answered within ten seconds. */
    private static final Duration BOUND = Duration.ofSeconds(8);

    /** Names the single token, which no rule is about. */
    private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

    private record Key(Identity who, String namespace) {}

    private record Answer(CompletableFuture<Boolean> verdict, Instant asked) {}

    private final Reviews reviews;
    private final InstantSource clock;
    private final Semaphore parallel = new Semaphore(MAX_PARALLEL);

    /** Guarded by itself. */
    private final Map<Key, Answer> answers =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Answer> eldest) {
                    return size() > MAX_KEPT;
                }
            };

    Permissions(Reviews reviews, InstantSource clock) {
        this.reviews = reviews;
        this.clock = clock;
    }

    /**
     * {@return those of the namespaces that he may connect to}
     *
     * @throws IOException where the API server did not answer for one of them, or not in time
     */
    Set<String> allowed(Identity bearer, Collection<String> namespaces) throws IOException {
        Identity who = account(bearer);
        long beganNs = System.nanoTime();
        long endNs = beganNs + BOUND.toNanos();
        Set<String> possible =
                namespaces.stream().filter(DnsLabel::matches).collect(Collectors.toSet());
        if (possible.size() > FEW && await(ask(who, Reviews.EVERYWHERE), endNs)) {
            return Set.copyOf(possible);
        }
        Map<String, CompletableFuture<Boolean>> verdicts = new HashMap<>();
        possible.forEach(name -> verdicts.put(name, ask(who, name)));
        Set<String> allowed = new HashSet<>();
        for (Map.Entry<String, CompletableFuture<Boolean>> one : verdicts.entrySet()) {
            if (await(one.getValue(), endNs)) {
                allowed.add(one.getKey());
            }
        }
        if (possible.size() > FEW) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0} may connect to {1} of {2} namespaces, known in {3} ms",
                    who.username(),
                    Integer.toString(allowed.size()),
                    Integer.toString(possible.size()),
                    Long.toString((System.nanoTime() - beganNs) / 1_000_000));
        }
        return Set.copyOf(allowed);
    }

    private static Identity account(Identity bearer) {
        if (!bearer.extra().containsKey(CREDENTIAL)) {
            return bearer;
        }
        Map<String, List<String>> extra = new HashMap<>(bearer.extra());
        extra.remove(CREDENTIAL);
        return new Identity(bearer.username(), bearer.uid(), bearer.groups(), extra);
    }

    private CompletableFuture<Boolean> ask(Identity who, String namespace) {
        Key key = new Key(who, namespace);
        Instant now = clock.instant();
        Answer fresh = new Answer(new CompletableFuture<>(), now);
        synchronized (answers) {
            Answer known = answers.get(key);
            if (known != null && now.isBefore(known.asked().plus(KEPT))) {
                return known.verdict();
            }
            answers.remove(key); // the order is that of the questions
            answers.put(key, fresh);
        }
        Thread.ofVirtual().name("tp-review").start(() -> review(key, fresh));
        return fresh.verdict();
    }

    private void review(Key key, Answer answer) {
        try {
            parallel.acquire();
            try {
                answer.verdict().complete(reviews.mayConnect(key.who(), key.namespace()));
            } finally {
                parallel.release();
            }
        } catch (IOException | RuntimeException | InterruptedException e) {
            synchronized (answers) {
                answers.remove(key, answer); // no verdict is no answer
            }
            answer.verdict().completeExceptionally(e);
        }
    }

    private static boolean await(CompletableFuture<Boolean> verdict, long endNs)
            throws IOException {
        try {
            return verdict.get(Math.max(0, endNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("access reviews took longer than " + BOUND, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
