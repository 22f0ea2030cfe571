package tp.dns;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks an upstream, and asks it once where the same question is already under way. Each question
 * ends within the bound. That also ends a circle of forwarders through us: the question that comes
 * back waits for itself, and fails.
 */
final class SharedQuestions<K> {

    private static final int MAX_UNDER_WAY = 4096;
    private static final int MAX_WAITING = 256;

    private final Upstream upstream;
    private final ResolverClock clock;
    private final long boundNs;
    private final Map<K, Round> rounds = new HashMap<>();

    private static final class Round {
        private final List<Upstream.Listener> waiting = new ArrayList<>();
        private Runnable cancelTimeout = () -> {};
    }

    SharedQuestions(Upstream upstream, ResolverClock clock, long boundNs) {
        this.upstream = upstream;
        this.clock = clock;
        this.boundNs = boundNs;
    }

    void ask(K key, byte[] query, boolean tcp, Upstream.Listener listener) {
        Round round;
        synchronized (this) {
            Round present = rounds.get(key);
            round = present == null ? begin(key) : present;
            if (round != null && round.waiting.size() < MAX_WAITING) {
                round.waiting.add(listener);
                if (present != null) {
                    return;
                }
            } else {
                round = null;
            }
        }
        if (round == null) {
            listener.failed(Upstream.Failure.BROKEN);
        } else {
            ask(key, round, query, tcp);
        }
    }

    private @Nullable Round begin(K key) {
        if (rounds.size() >= MAX_UNDER_WAY) {
            return null;
        }
        Round round = new Round();
        rounds.put(key, round);
        return round;
    }

    private void ask(K key, Round round, byte[] query, boolean tcp) {
        Runnable cancel =
                clock.after(
                        boundNs,
                        () -> end(key, round, one -> one.failed(Upstream.Failure.TIMED_OUT)));
        synchronized (this) {
            round.cancelTimeout = cancel;
        }
        Upstream.Listener all =
                new Upstream.Listener() {
                    @Override
                    public void answered(byte[] message) {
                        end(key, round, one -> one.answered(message));
                    }

                    @Override
                    public void failed(Upstream.Failure failure) {
                        end(key, round, one -> one.failed(failure));
                    }
                };
        try {
            upstream.ask(query, tcp, all);
        } catch (RuntimeException e) {
            all.failed(Upstream.Failure.BROKEN);
        }
    }

    /** Tells all who wait, unless that was done before. */
    private void end(K key, Round round, Consumer<Upstream.Listener> tell) {
        Runnable cancel;
        synchronized (this) {
            if (!rounds.remove(key, round)) {
                return;
            }
            cancel = round.cancelTimeout;
        }
        cancel.run();
        round.waiting.forEach(tell);
    }
}
