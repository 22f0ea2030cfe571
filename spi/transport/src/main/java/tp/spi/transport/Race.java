package tp.spi.transport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tries several ways, a new one whenever the last has not answered for a moment, and takes the
 * first that does (as RFC 8305 has it for the addresses of a host).
 */
public final class Race {

    /** RFC 8305 §5: the delay between attempts. */
    private static final long STAGGER_MS = 250;

    private static final int MAX_CANDIDATES = 16;

    private record Outcome<T>(@Nullable T made, @Nullable IOException failure) {}

    private Race() {}

    /**
     * Tries one of them.
     *
     * @param <C> a way to try, such as an {@link Endpoint}
     * @param <T> what it gives
     */
    @FunctionalInterface
    public interface Attempt<C, T> {
        /** Blocks until it is done; called on a virtual thread. */
        T open(C candidate) throws IOException;
    }

    /**
     * {@return what the first successful attempt gave}
     *
     * @param candidates in the order in which they are to be tried; not empty
     * @param late gets what came after the first, to close it
     * @throws IOException where none succeeded, with all reasons in one line
     */
    public static <C, T> T first(List<C> candidates, Attempt<C, T> attempt, Consumer<T> late)
            throws IOException {
        List<C> few = candidates.subList(0, Math.min(candidates.size(), MAX_CANDIDATES));
        BlockingQueue<Outcome<T>> outcomes = new ArrayBlockingQueue<>(few.size());
        AtomicBoolean decided = new AtomicBoolean();
        List<IOException> failures = new ArrayList<>();
        int started = 0;
        while (failures.size() < few.size()) {
            if (started < few.size()) {
                C next = few.get(started++);
                Thread.ofVirtual()
                        .name("race " + next)
                        .start(() -> run(next, attempt, late, decided, outcomes));
            }
            Outcome<T> outcome = await(outcomes, started < few.size());
            if (outcome == null) {
                continue;
            }
            if (outcome.made() != null) {
                return outcome.made();
            }
            failures.add(outcome.failure() == null ? new IOException() : outcome.failure());
        }
        throw allOf(failures);
    }

    private static <T> @Nullable Outcome<T> await(BlockingQueue<Outcome<T>> outcomes, boolean more)
            throws IOException {
        try {
            return more ? outcomes.poll(STAGGER_MS, TimeUnit.MILLISECONDS) : outcomes.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static <C, T> void run(
            C candidate,
            Attempt<C, T> attempt,
            Consumer<T> late,
            AtomicBoolean decided,
            BlockingQueue<Outcome<T>> outcomes) {
        try {
            T made = attempt.open(candidate);
            if (decided.compareAndSet(false, true)) {
                outcomes.add(new Outcome<>(made, null));
            } else {
                late.accept(made);
            }
        } catch (IOException e) {
            outcomes.add(new Outcome<>(null, e));
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Whoever waits has to hear of it, whatever it is.
            outcomes.add(new Outcome<>(null, new IOException(e.toString(), e)));
        }
    }

    private static IOException allOf(List<IOException> failures) {
        List<String> lines =
                failures.stream().map(e -> String.valueOf(e.getMessage())).distinct().toList();
        IOException all = new IOException(String.join("; ", lines), failures.getFirst());
        failures.stream().skip(1).forEach(all::addSuppressed);
        return all;
    }
}
