package tp.manager;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tp.tunnel.ServerStatistics;

/** A line for the log now and then, while strangers or broken clients knock. One thread. */
final class Tally {

    private static final long EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    private long refused;
    private long malformed;
    private long sinceNs;
    private boolean said;

    /** {@return the line, where there is news and the last was not just now} */
    Optional<String> line(ServerStatistics now, long nowNs) {
        boolean same = now.refused() == refused && now.malformed() == malformed;
        if (same || (said && nowNs - sinceNs < EVERY_NS)) {
            return Optional.empty();
        }
        refused = now.refused();
        malformed = now.malformed();
        sinceNs = nowNs;
        said = true;
        return Optional.of(
                "refused %d, malformed %d since the start; now %d connections, %d sessions, %d flows, %d dials"
                        .formatted(
                                refused,
                                malformed,
                                now.connections(),
                                now.sessions(),
                                now.flows(),
                                now.dials()));
    }
}
