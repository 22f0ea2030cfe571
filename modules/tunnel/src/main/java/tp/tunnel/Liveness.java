package tp.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * Whether the peer is alive, by what was heard of it and what it was asked. Any byte is life, and
 * only who was asked and says nothing is in doubt: a link without traffic is asked now and then,
 * one that sent something and hears nothing is asked each second. Without sockets, clocks and
 * threads; times are nanoseconds of one clock.
 *
 * <p>A look that comes late was kept by this machine (sleep, a long pause) and not by the peer, and
 * is no proof of anything: the doubt then begins anew.
 */
final class Liveness {

    /** What is to be done. */
    enum Verdict {
        /** Nothing. */
        ALIVE,
        /** Ask it. */
        ASK,
        /** Ask it; another way would be better by now. */
        DOUBTFUL,
        /** It does not come back. */
        DEAD
    }

    static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(2_500);
    static final long ASK_NS = TimeUnit.SECONDS.toNanos(1);
    static final long DOUBT_NS = TimeUnit.MILLISECONDS.toNanos(3_500);
    static final long DEAD_NS = TimeUnit.SECONDS.toNanos(8);
    private static final long LATE_NS = TimeUnit.SECONDS.toNanos(1);

    private long heardNs;

    /**
     * When the first thing was sent of which no answer was heard; no time where all was answered.
     */
    private long unansweredNs;

    private boolean unanswered;
    private long askedNs;
    private long dueNs;

    Liveness(long nowNs) {
        heardNs = nowNs;
        askedNs = nowNs;
        dueNs = nowNs + IDLE_NS;
    }

    /** Something came, whatever it was. */
    void heard(long nowNs) {
        heardNs = nowNs;
        unanswered = false;
    }

    /**
     * Something was sent.
     *
     * @return whether {@link #nextLookNs} may be sooner now
     */
    boolean sent(long nowNs) {
        if (unanswered) {
            return false;
        }
        unanswered = true;
        unansweredNs = nowNs;
        if (dueNs <= nowNs + ASK_NS) {
            return false;
        }
        dueNs = nowNs + ASK_NS;
        return true;
    }

    /** {@return what is to be done now} Whoever is to ask does so, and says so by {@link #sent}. */
    Verdict look(long nowNs) {
        long late = nowNs - dueNs;
        if (late > LATE_NS && unanswered) {
            unansweredNs = Math.max(unansweredNs, nowNs - ASK_NS);
        }
        Verdict verdict = judge(nowNs);
        if (verdict != Verdict.ALIVE) {
            askedNs = nowNs;
        }
        dueNs = unanswered || verdict != Verdict.ALIVE ? nowNs + ASK_NS : heardNs + IDLE_NS;
        if (unanswered) {
            noLaterThan(unansweredNs + ASK_NS, nowNs);
            noLaterThan(unansweredNs + DOUBT_NS, nowNs);
            noLaterThan(unansweredNs + DEAD_NS, nowNs);
        }
        return verdict;
    }

    private void noLaterThan(long thenNs, long nowNs) {
        if (thenNs > nowNs) {
            dueNs = Math.min(dueNs, thenNs);
        }
    }

    private Verdict judge(long nowNs) {
        if (!unanswered) {
            return nowNs - heardNs >= IDLE_NS ? Verdict.ASK : Verdict.ALIVE;
        }
        long silence = nowNs - unansweredNs;
        if (silence >= DEAD_NS) {
            return Verdict.DEAD;
        }
        if (silence >= DOUBT_NS) {
            return Verdict.DOUBTFUL;
        }
        return silence >= ASK_NS && nowNs - askedNs >= ASK_NS / 2 ? Verdict.ASK : Verdict.ALIVE;
    }

    /** {@return for how long what was sent has had no answer} */
    long silenceNs(long nowNs) {
        return unanswered ? nowNs - unansweredNs : 0;
    }

    /** {@return when to look again} */
    long nextLookNs() {
        return dueNs;
    }
}
