package tp.connector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tp.spi.common.Assessment;
import tp.spi.transport.TransportProvider;

/**
 * What a session knows of each transport from trying it. One that failed rests, each time twice as
 * long, so that a way that is blocked costs little; one that served for a minute is trusted anew.
 * Safe for use by several threads.
 */
final class Standings {

    private static final long MAX_REST_NS = TimeUnit.MINUTES.toNanos(5);
    private static final long TRUSTED_NS = TimeUnit.MINUTES.toNanos(1);

    /**
     * @param failures in a row
     * @param restsUntilNs no attempt before that, unless nothing else is left
     * @param takenNs when it came into use last
     */
    private record Standing(String reason, int failures, long restsUntilNs, long takenNs) {}

    private final long firstRestNs;
    private final LongSupplier nanoClock;
    private final Map<String, Standing> known = new HashMap<>();
    private List<Assessed<TransportProvider>> assessed = List.of();
    private String inUse = "";

    Standings(Duration firstRest, LongSupplier nanoClock) {
        firstRestNs = firstRest.toNanos();
        this.nanoClock = nanoClock;
    }

    /**
     * @param inOrder best first
     */
    synchronized void assessed(List<Assessed<TransportProvider>> inOrder) {
        assessed = List.copyOf(inOrder);
    }

    synchronized List<Assessed<TransportProvider>> assessed() {
        return assessed;
    }

    /** An attempt failed, or the link over it was lost. */
    synchronized void failed(String id, String reason) {
        long now = nanoClock.getAsLong();
        Standing before = known.get(id);
        int failures = before == null || isTrusted(before, now) ? 1 : before.failures() + 1;
        long rest = Math.min(MAX_REST_NS, firstRestNs << Math.min(failures - 1, 10));
        known.put(id, new Standing(reason, failures, now + rest, now));
    }

    private static boolean isTrusted(Standing standing, long now) {
        return standing.reason().isEmpty() && now - standing.takenNs() > TRUSTED_NS;
    }

    /**
     * It is in use from now on. Earlier failures count until it has served for a while.
     *
     * @param where it leads, empty where its own words say it
     */
    synchronized void taken(String id, String where) {
        long now = nanoClock.getAsLong();
        Standing before = known.get(id);
        known.put(id, new Standing("", before == null ? 0 : before.failures(), now, now));
        inUse = where;
    }

    synchronized boolean rests(String id) {
        Standing standing = known.get(id);
        return standing != null
                && !standing.reason().isEmpty()
                && standing.restsUntilNs() - nanoClock.getAsLong() > 0;
    }

    /**
     * @param current the one in use, empty while there is none
     * @param links how many of it
     */
    synchronized List<TransportState> states(String current, int links) {
        List<TransportState> states = new ArrayList<>();
        boolean above = !current.isEmpty();
        for (Assessed<TransportProvider> one : assessed) {
            String id = one.found().id();
            above &= !id.equals(current);
            TransportState state = state(one, current, above);
            states.add(id.equals(current) && links > 1 ? state.with(links) : state);
        }
        return states;
    }

    private TransportState state(Assessed<TransportProvider> one, String current, boolean above) {
        String id = one.found().id();
        if (id.equals(current)) {
            return new TransportState(
                    id, "in use", inUse.isEmpty() ? one.assessment().reason() : inUse);
        }
        if (one.assessment() instanceof Assessment.Unusable unusable) {
            return new TransportState(id, "unusable", unusable.reason());
        }
        Standing standing = known.get(id);
        if (standing != null && !standing.reason().isEmpty()) {
            return new TransportState(id, "failed", standing.reason() + again(standing));
        }
        return above || current.isEmpty()
                ? new TransportState(id, "untried", one.assessment().reason())
                : new TransportState(id, "not needed", "ranks below " + current);
    }

    private String again(@Nullable Standing standing) {
        long left = standing == null ? 0 : standing.restsUntilNs() - nanoClock.getAsLong();
        return left <= 0
                ? ""
                : " (not tried again for " + (TimeUnit.NANOSECONDS.toSeconds(left) + 1) + " s)";
    }
}
