package tp.tunnel;

import java.util.HashSet;
import java.util.Set;

/** What sessions have carried together, also those that are over. Any thread. */
final class Totals {

    /** Guards all below. */
    private final Object lock = new Object();

    private final Set<Counters> sessions = new HashSet<>();
    private Traffic past = Traffic.NONE;

    /** A session counts from now on. */
    void begin(Counters session) {
        synchronized (lock) {
            sessions.add(session);
        }
    }

    /** A session has counted all. */
    void end(Counters session) {
        synchronized (lock) {
            if (sessions.remove(session)) {
                past = past.and(session.snapshot());
            }
        }
    }

    Traffic sum() {
        synchronized (lock) {
            Traffic all = past;
            for (Counters one : sessions) {
                all = all.and(one.snapshot());
            }
            return all;
        }
    }
}
