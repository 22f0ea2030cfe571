package tp.manager;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tp.incluster.ExposedPort;

/**
 * Publishes where the manager can be reached whenever that has changed: a load balancer comes
 * minutes after its Service. On one thread.
 */
final class Publisher {

    private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

    /** Asks the API server. */
    @FunctionalInterface
    interface Source {
        List<ExposedPort> read() throws IOException;
    }

    /** Tells clients. */
    @FunctionalInterface
    interface Target {
        void publish(List<ExposedPort> exposed) throws IOException;
    }

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(30);

    private final Source source;
    private final Target target;
    private final LongSupplier nanoClock;
    private long lookedNs;
    private boolean looked;
    private @Nullable List<ExposedPort> published;
    private String failure = "";

    Publisher(Source source, Target target, LongSupplier nanoClock) {
        this.source = source;
        this.target = target;
        this.nanoClock = nanoClock;
    }

    /**
     * To be called every few seconds; looks less often. Does not throw: the next time may be
     * better.
     */
    void look() {
        long nowNs = nanoClock.getAsLong();
        if (looked && nowNs - lookedNs < INTERVAL_NS) {
            return;
        }
        looked = true;
        lookedNs = nowNs;
        try {
            List<ExposedPort> now = source.read();
            if (!now.equals(published)) {
                target.publish(now);
                published = now;
            }
            failure = "";
        } catch (IOException e) {
            String line = String.valueOf(e.getMessage());
            if (!line.equals(failure)) {
                failure = line;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "where the manager can be reached is not known: {0}",
                        line);
            }
        }
    }
}
