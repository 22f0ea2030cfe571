package tp.connector;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.transport.ServerPin;
import tp.spi.transport.WrongKeyException;

/**
 * Tries several ways at once and takes the best that works, not the first that answers. The ways
 * are given best first; the next one begins when the last has failed or takes long, and one that
 * works waits a moment for those above it that are still at it.
 *
 * @param <T> what a way gives
 */
final class Selection<T extends AutoCloseable> {

    /** One way. */
    interface Candidate<T> {

        /** {@return how people call it} */
        String name();

        /**
         * Blocks until it is proven; called on a virtual thread.
         *
         * @throws IOException where another way may do better
         * @throws TpException with the answer that every other way would get too
         */
        T open() throws IOException;
    }

    /** Told of each way that ended without being taken, whenever that is. */
    interface Observer {
        void failed(String name, Exception why);
    }

    /** How one way ended. */
    private record Outcome<T>(int rank, @Nullable T made, @Nullable Exception failure) {}

    private final List<? extends Candidate<T>> candidates;
    private final Pace pace;
    private final Observer observer;
    private final BlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
    private final List<String> failures = new ArrayList<>();
    private final List<Exception> causes = new ArrayList<>();
    private final boolean[] ended;
    private int begun;
    private @Nullable Outcome<T> best;
    private boolean left; // guarded by outcomes

    /**
     * @param candidates best first, not empty
     */
    Selection(List<? extends Candidate<T>> candidates, Pace pace, Observer observer) {
        this.candidates = candidates;
        this.pace = pace;
        this.observer = observer;
        ended = new boolean[candidates.size()];
    }

    /**
     * {@return what the best way gave} Whatever comes after it is closed.
     *
     * @throws TpException where none works, with all reasons, or where one says that none will
     */
    T take() {
        long now = System.nanoTime();
        long deadline = now + pace.patience().toNanos();
        try {
            while (!decided() && now < deadline) {
                long next = beginNext() ? now + pace.stagger().toNanos() : deadline;
                await(Math.min(next, deadline));
                now = System.nanoTime();
            }
            if (best != null) {
                waitForBetter(Math.min(now + pace.grace().toNanos(), deadline));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            discard(best);
            throw new TpException(TpException.Category.TRANSIENT, "interrupted", "", e);
        } finally {
            leave();
        }
        if (best == null) {
            throw noneWorks();
        }
        return Objects.requireNonNull(best.made());
    }

    private boolean decided() {
        return best != null || failures.size() == candidates.size();
    }

    /** {@return whether there is another one after it} */
    private boolean beginNext() {
        if (begun < candidates.size()) {
            int rank = begun++;
            Candidate<T> candidate = candidates.get(rank);
            Thread.ofVirtual().name("try " + candidate.name()).start(() -> run(rank, candidate));
        }
        return begun < candidates.size();
    }

    private void run(int rank, Candidate<T> candidate) {
        Outcome<T> outcome;
        try {
            outcome = new Outcome<>(rank, candidate.open(), null);
        } catch (IOException | RuntimeException e) {
            outcome = new Outcome<>(rank, null, e);
        } catch (LinkageError e) {
            // A plug-in that was made for another version.
            outcome = new Outcome<>(rank, null, new IOException(e.toString(), e));
        }
        synchronized (outcomes) {
            if (!left) {
                outcomes.add(outcome);
                return;
            }
        }
        late(outcome);
    }

    /** Takes in what has ended, waiting until that time for the first. */
    private void await(long untilNs) throws InterruptedException {
        long left = Math.max(0, untilNs - System.nanoTime());
        Outcome<T> outcome = outcomes.poll(left, TimeUnit.NANOSECONDS);
        if (outcome != null) {
            note(outcome);
        }
    }

    private void note(Outcome<T> outcome) {
        ended[outcome.rank()] = true;
        Exception failure = outcome.failure();
        if (failure != null) {
            String name = candidates.get(outcome.rank()).name();
            observer.failed(name, failure);
            if (best == null && isFinal(failure)) {
                throw (TpException) failure;
            }
            failures.add(name + ": " + reason(failure));
            causes.add(failure);
        } else if (best == null || outcome.rank() < best.rank()) {
            discard(best);
            best = outcome;
        } else {
            discard(outcome);
        }
    }

    private void waitForBetter(long untilNs) throws InterruptedException {
        while (betterIsUnderWay() && System.nanoTime() < untilNs) {
            await(untilNs);
        }
    }

    private boolean betterIsUnderWay() {
        int rank = best == null ? 0 : best.rank();
        for (int i = 0; i < rank; i++) {
            if (!ended[i]) {
                return true;
            }
        }
        return false;
    }

    /** From here on nobody waits: what still comes is closed. */
    private void leave() {
        synchronized (outcomes) {
            left = true;
        }
        for (Outcome<T> one = outcomes.poll(); one != null; one = outcomes.poll()) {
            late(one);
        }
    }

    private void late(Outcome<T> outcome) {
        Exception failure = outcome.failure();
        if (failure != null) {
            observer.failed(candidates.get(outcome.rank()).name(), failure);
        }
        discard(outcome);
    }

    private static void discard(@Nullable Outcome<?> outcome) {
        if (outcome != null && outcome.made() instanceof AutoCloseable made) {
            try {
                made.close();
            } catch (Exception e) {
                System.getLogger(Selection.class.getName())
                        .log(System.Logger.Level.DEBUG, "closing what came late", e);
            }
        }
    }

    /** The manager's own answer is the same over every way; a wrong key may be this way's. */
    private static boolean isFinal(Exception failure) {
        return failure instanceof TpException told
                && told.category() != TpException.Category.TRANSIENT
                && !ServerPin.isWrongKey(told);
    }

    static String reason(Exception failure) {
        return switch (failure) {
            case TpException told -> String.valueOf(told.getMessage());
            case IOException io -> String.valueOf(io.getMessage());
            default -> "broken: " + failure;
        };
    }

    private long wrongKeys() {
        return causes.stream().filter(ServerPin::isWrongKey).count();
    }

    private TpException noneWorks() {
        for (int i = 0; i < begun; i++) {
            if (!ended[i]) {
                failures.add(candidates.get(i).name() + ": no answer in time");
            }
        }
        Optional<Exception> wrongKey = causes.stream().filter(ServerPin::isWrongKey).findFirst();
        if (wrongKey.isPresent() && failures.size() == wrongKeys()) {
            return WrongKeyException.told(wrongKey.get());
        }
        return new TpException(
                wrongKey.isPresent()
                        ? TpException.Category.ENVIRONMENT
                        : TpException.Category.TRANSIENT,
                "the manager cannot be reached (" + String.join(", ", failures) + ")",
                "see whether its pod runs, with 'kubectl get pods' in its namespace");
    }
}
