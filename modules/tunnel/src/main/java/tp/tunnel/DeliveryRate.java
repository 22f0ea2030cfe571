package tp.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * What a link takes: how many bytes a second arrive at its far end, and how long a mark takes
 * there. From both follows at which pace to send so that the link is never idle and what comes new
 * waits about {@link #QUEUE_NS}. Without sockets, clocks and threads.
 *
 * <p>A mark is sent among the bytes and answered with the far end's clock and with what had arrived
 * there. So each direction is seen by itself: acknowledgements that wait behind bulk in the other
 * one, or come in bunches, change nothing. The clocks need not agree, only go at one pace.
 *
 * <p>What is below (TCP, QUIC, an API server's buffers) has a congestion control of its own, which
 * fills its queues; this keeps them short from above. Rate and empty path are found as in BBR
 * (draft-ietf-ccwg-bbr): the highest and the shortest of late, and now and then a look at the path
 * without a queue.
 */
final class DeliveryRate {

    /** What may wait on the way, in time. */
    static final long QUEUE_NS = TimeUnit.MILLISECONDS.toNanos(40);

    /** Before anything is known. */
    static final long INITIAL_BYTES = 128 * 1024;

    static final long LEAST_BYTES = 16 * 1024;
    static final long MOST_BYTES = 32L << 20;

    private static final double NS_PER_SECOND = 1e9;

    /** A rate is believed for one to two of these, and for as many round trips. */
    private static final long RATE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int RATE_ROUND_TRIPS = 2;

    /** While there is always a queue, the path without one is looked at so often. */
    private static final long BASE_NS = TimeUnit.SECONDS.toNanos(10);

    /** And so many round trips, since a look takes one. */
    private static final int BASE_ROUND_TRIPS = 30;

    /** So often at most, where the rate has fallen: then the path may have become longer. */
    private static final long BETWEEN_PROBES_NS = TimeUnit.SECONDS.toNanos(3);

    /** A queue that is so short is none. */
    private static final long NO_QUEUE_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A link that does not take so much more in three round trips is full. */
    private static final double GROWTH = 1.25;

    private static final int MARKS_WITHOUT_GROWTH = 3;

    /** The pace is the rate, a quarter more without a queue, and less with one that is too long. */
    private static final double STEERING = 0.25;

    private static final double LEAST_GAIN = 0.2;
    private static final double STARTING_GAIN = 2;

    /** Acknowledgements come in bunches, too; the pace is what keeps the queue short. */
    private static final double WINDOW_GAIN = 2;

    private double rate;
    private double earlierRate;
    private long rateSinceNs;

    /** The shortest way there and the latest way back; only their sum means something. */
    private long shortestThereNs;

    private long backNs;
    private long shortestSeenNs;
    private boolean seen;

    /** The queue there, when the latest mark passed it. */
    private long queueNs;

    private boolean starting = true;
    private double startRate;
    private int marksWithoutGrowth;

    private boolean probing;
    private double peakRate;

    /**
     * An answered mark.
     *
     * @param thereNs the far clock at its arrival less the own at its sending
     * @param backNs the own clock at the answer's arrival less the far one at the mark's
     */
    record Mark(long thereNs, long backNs) {}

    /** A mark has come back, at that time of the own clock. */
    void mark(Mark mark, long nowNs) {
        backNs = seen ? (backNs + mark.backNs()) / 2 : mark.backNs();
        if (!seen || mark.thereNs() <= shortestThereNs + NO_QUEUE_NS) {
            shortestThereNs = seen ? Math.min(shortestThereNs, mark.thereNs()) : mark.thereNs();
            shortestSeenNs = nowNs;
        }
        seen = true;
        queueNs = mark.thereNs() - shortestThereNs;
    }

    /**
     * So many bytes arrived at the far end in that time of its clock.
     *
     * @param pressed whether more would have been sent, had it been allowed: else the rate is the
     *     sender's and says only what the link takes at least
     */
    void arrived(long bytes, long intervalNs, boolean pressed, long nowNs) {
        double now = bytes * NS_PER_SECOND / Math.max(1, intervalNs);
        if (pressed || now >= rate()) {
            keep(now, nowNs);
        }
        if (pressed) {
            grown(now);
            probeIfDue(nowNs);
        }
    }

    private void keep(double now, long nowNs) {
        if (nowNs - rateSinceNs >= Math.max(RATE_NS, RATE_ROUND_TRIPS * baseNs())) {
            earlierRate = rate;
            rate = now;
            rateSinceNs = nowNs;
        } else {
            rate = Math.max(rate, now);
        }
        peakRate = Math.max(peakRate, now);
    }

    private void grown(double now) {
        if (!starting) {
            return;
        }
        if (now >= GROWTH * startRate) {
            startRate = now;
            marksWithoutGrowth = 0;
        } else {
            marksWithoutGrowth++;
        }
        starting = marksWithoutGrowth < MARKS_WITHOUT_GROWTH && queueNs <= wantedNs();
        probing = !starting; // what was seen so far was perhaps never without a queue
    }

    /**
     * With a queue at all times the path itself is not seen, and it may have become longer: then
     * what is allowed would be too little, and the rate fall by itself.
     */
    private void probeIfDue(long nowNs) {
        boolean fallen = rate() < peakRate / 2 && nowNs - shortestSeenNs >= BETWEEN_PROBES_NS;
        probing |= fallen || nowNs - shortestSeenNs >= BASE_NS + BASE_ROUND_TRIPS * baseNs();
    }

    /** {@return whether nothing is to be sent until the path is empty, and then a mark} */
    boolean isProbing() {
        return probing;
    }

    /** The path is empty and a mark is on it. */
    void probeSent() {
        probing = false;
    }

    /** The mark that had the path for itself has come back. */
    void probed(Mark mark, long nowNs) {
        shortestThereNs = mark.thereNs();
        shortestSeenNs = nowNs;
        queueNs = 0;
        peakRate = rate();
    }

    private double rate() {
        return Math.max(rate, earlierRate);
    }

    /** {@return the round trip without a queue on the way there} */
    private long baseNs() {
        return Math.max(0, shortestThereNs + backNs);
    }

    /** A longer path is steered later, and needs more so as not to run empty. */
    private long wantedNs() {
        return QUEUE_NS + baseNs() / 14;
    }

    /** {@return how many bytes may be under way} */
    long limitBytes() {
        if (rate() == 0) {
            return INITIAL_BYTES;
        }
        double bytes = WINDOW_GAIN * rate() * (baseNs() + wantedNs()) / NS_PER_SECOND;
        return Math.clamp((long) bytes, starting ? INITIAL_BYTES : LEAST_BYTES, MOST_BYTES);
    }

    /**
     * {@return for how long the link is busy with so many bytes} 0 while that is not known.
     *
     * @param unansweredNs since a mark was sent that has not come back, 0 where all have
     */
    long busyNs(int bytes, long unansweredNs) {
        return rate() == 0 ? 0 : (long) (bytes * NS_PER_SECOND / (rate() * gain(unansweredNs)));
    }

    /** A mark that is overdue says how long the queue is before it has passed it. */
    private double gain(long unansweredNs) {
        long queue = Math.max(queueNs, unansweredNs - baseNs());
        if (starting && queue <= wantedNs()) {
            return STARTING_GAIN;
        }
        double error = (double) (wantedNs() - queue) / wantedNs();
        return Math.max(LEAST_GAIN, 1 + STEERING * error);
    }
}
