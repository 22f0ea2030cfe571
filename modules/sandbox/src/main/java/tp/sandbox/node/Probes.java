package tp.sandbox.node;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Keeps asking one life of a container how it is, until closed: first whether it has started, then
 * whether it lives, and whether it is ready.
 */
final class Probes implements AutoCloseable {

    /** A program that has just started is asked more often than its manifest says. */
    private static final long EAGER_MS = 60;

    private static final long EAGER_EXEC_MS = 500;

    /** What the answers are for. */
    interface Verdicts {

        void started();

        void ready(boolean now);

        /** The program is to be ended and started again. */
        void dead(String message);

        void failed(String message);
    }

    /** Makes a question out of a part of the container's manifest. */
    interface Maker {
        Probe make(JsonNode spec);
    }

    private final JsonNode container;
    private final Maker maker;
    private final Verdicts verdicts;
    private final Thread main;
    private volatile boolean closed;

    private Probes(JsonNode container, Maker maker, Verdicts verdicts) {
        this.container = container;
        this.maker = maker;
        this.verdicts = verdicts;
        this.main = Thread.ofVirtual().unstarted(this::run);
    }

    static Probes start(JsonNode container, Maker maker, Verdicts verdicts) {
        Probes probes = new Probes(container, maker, verdicts);
        probes.main.start();
        return probes;
    }

    @Override
    public void close() {
        closed = true;
        main.interrupt();
    }

    private void run() {
        try {
            if (container.has("startupProbe") && !starts()) {
                return;
            }
            verdicts.started();
            if (container.has("livenessProbe")) {
                Thread.ofVirtual().start(this::watchLife);
            }
            if (container.has("readinessProbe")) {
                watchReadiness();
            } else {
                verdicts.ready(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean starts() throws InterruptedException {
        Series series = new Series("startupProbe");
        while (!series.isPassed()) {
            series.ask(true);
            if (series.isFailed()) {
                verdicts.dead("failed startup probe");
                return false;
            }
        }
        return true;
    }

    private void watchLife() {
        try {
            Series series = new Series("livenessProbe");
            while (!closed && !series.isFailed()) {
                series.ask(false);
            }
            if (!closed) {
                verdicts.dead("failed liveness probe");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watchReadiness() throws InterruptedException {
        Series series = new Series("readinessProbe");
        boolean ready = false;
        while (true) {
            series.ask(!ready);
            ready = ready ? !series.isFailed() : series.isPassed();
            verdicts.ready(ready);
        }
    }

    /** The answers to one kind of question, one after the other. */
    private final class Series {

        private final String kind;
        private final Probe probe;
        private final long periodNs;
        private final int failuresAllowed;
        private final int successesWanted;
        private long nextCountedNs;
        private long nextNs;
        private int successes;
        private int failures;

        Series(String kind) {
            JsonNode spec = container.path(kind);
            this.kind = kind.replace("Probe", "");
            this.probe = maker.make(spec);
            this.periodNs = TimeUnit.SECONDS.toNanos(Json.number(spec, "/periodSeconds", 10));
            this.failuresAllowed = Json.number(spec, "/failureThreshold", 3);
            this.successesWanted = Json.number(spec, "/successThreshold", 1);
            long delayNs = TimeUnit.SECONDS.toNanos(Json.number(spec, "/initialDelaySeconds", 0));
            this.nextNs = System.nanoTime() + delayNs;
            this.nextCountedNs = nextNs;
        }

        boolean isPassed() {
            return successes >= successesWanted;
        }

        boolean isFailed() {
            return failures >= failuresAllowed;
        }

        /**
         * Waits for the time of the next question and asks it. Failures count once per period,
         * however eagerly a success is awaited.
         */
        void ask(boolean eager) throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(nextNs - System.nanoTime());
            Optional<String> failure = probe.failure();
            long now = System.nanoTime();
            if (failure.isEmpty()) {
                successes++;
                failures = 0;
                nextCountedNs = now + periodNs;
                nextNs = nextCountedNs;
                return;
            }
            successes = 0;
            if (now >= nextCountedNs) {
                failures++;
                nextCountedNs = now + periodNs;
                String name = kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
                verdicts.failed(name + " probe failed: " + failure.get());
            }
            long eagerNs =
                    TimeUnit.MILLISECONDS.toNanos(probe.isCheap() ? EAGER_MS : EAGER_EXEC_MS);
            nextNs = eager ? Math.min(now + eagerNs, nextCountedNs) : nextCountedNs;
        }
    }
}
