package tp.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * Whether a path is broken in one direction only: then we hear the peer well, which asks why we say
 * nothing, and it hears nothing of what we say. Without sockets, clocks and threads; times are
 * nanoseconds of one clock.
 */
final class Deafness {

    /** After a stall of both directions the peer's question comes just before its answer. */
    private static final long CONFIRM_NS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long PEER_SILENCE_MS = 1_000;
    private static final long UNANSWERED_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private boolean waiting;
    private long oldestNs;

    /** {@return whether the peer hears so little that an answer of its is to be waited for} */
    static boolean isSign(long silenceMs) {
        return silenceMs >= PEER_SILENCE_MS;
    }

    /** A heartbeat of ours leaves. */
    void asked(long nowNs) {
        if (!waiting) {
            waiting = true;
            oldestNs = nowNs;
        }
    }

    /** The one that left at that time, or a later one, was answered. */
    void answered(long askedNs) {
        if (askedNs >= oldestNs) {
            waiting = false;
        }
    }

    /** {@return whether a heartbeat of ours is on its way} */
    boolean isWaiting() {
        return waiting;
    }

    /** {@return after how long {@link #isSure} is to be asked, while one is on its way} */
    long surerInNs(long nowNs) {
        return Math.max(CONFIRM_NS, oldestNs + UNANSWERED_NS - nowNs);
    }

    /** {@return whether the peer does not hear us, after a sign of that} */
    boolean isSure(long nowNs) {
        return waiting && nowNs - oldestNs >= UNANSWERED_NS;
    }
}
