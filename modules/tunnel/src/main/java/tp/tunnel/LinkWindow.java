package tp.tunnel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much of a session's flows is under way on its link, and whose turn it is to send more.
 * Heartbeats, questions and the opening of flows are not counted and never wait: so they find a
 * queue that is short, whatever lies below the session. Without sockets and threads; on the
 * session's event loop.
 *
 * <p>A byte is under way from when its flow hands it to the link until its arrival in the far
 * process is acknowledged. What finds no room waits with its flow, which is not read meanwhile.
 */
final class LinkWindow {

    /** At a time, of one flow while others wait; and no more than a part of all. */
    static final int QUANTUM_BYTES = 64 * 1024;

    private static final int QUANTA = 8;

    /** Less is not worth a message, unless it is all there is. */
    private static final int LEAST_GRANT_BYTES = 4 * 1024;

    /** A flow that has sent no more than this is small, and small ones go first. */
    private static final long SMALL_BYTES = 64 * 1024;

    /** So many small ones before a large one. */
    private static final int SMALL_IN_A_ROW = 3;

    /** Between two marks, while anybody waits. */
    private static final long MARK_NS = TimeUnit.MILLISECONDS.toNanos(25);

    private static final long BURST_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LEAST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(2);

    /** So little under way is nothing. */
    private static final long EMPTY_BYTES = 16 * 1024;

    /** What arrives in less says little: it comes in bunches. */
    private static final long LEAST_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Who waits for its turn. */
    interface Sender {
        /** There is room: to be taken by {@link Share#grant}. */
        void turn();
    }

    /** What a window works with. */
    interface Means {
        /** {@return the time} */
        long nowNs();

        /** Sends a heartbeat with that number, among what is sent. */
        void mark(long number);

        /** Has that run on the session's event loop, so much later. */
        void later(long delayNs, Runnable what);
    }

    private final Means means;
    private final DeliveryRate rate = new DeliveryRate();
    private final Deque<Share> small = new ArrayDeque<>();
    private final Deque<Share> large = new ArrayDeque<>();

    private long underWay;
    private long datagramsUnderWay;

    /** When the link is done with what was sent, at its pace. */
    private long freeNs;

    private boolean wakes;
    private int smallInARow;
    private boolean serving;
    private @Nullable Share next;

    /** The mark under way: the time of its sending is its number. */
    private long markNs;

    private boolean marked;
    private boolean probeMark;

    /** Whether there was room for more at some time since the mark before. */
    private boolean rested;

    private boolean restedBeforeMark = true;

    /** What the far end said of the mark before. */
    private long lastFarNs;

    private long lastFarBytes;

    LinkWindow(Means means) {
        this.means = means;
        markNs = means.nowNs() - MARK_NS;
        freeNs = means.nowNs();
    }

    /** {@return the share of a flow that waits for its turns} */
    Share share(Sender sender) {
        return new Share(sender);
    }

    /** {@return the share of a flow of datagrams, which do not wait} */
    Share datagrams() {
        return new Share(() -> {});
    }

    /**
     * A heartbeat has come back.
     *
     * @param number the time of its sending
     * @param farNs the far end's clock when it came there
     * @param farBytes what had arrived at the far end by then
     */
    void heartbeat(long number, long farNs, long farBytes) {
        long nowNs = means.nowNs();
        if (number - nowNs > 0) {
            return; // not one of ours
        }
        DeliveryRate.Mark mark = new DeliveryRate.Mark(farNs - number, nowNs - farNs);
        rate.mark(mark, nowNs);
        if (marked && number == markNs) {
            marked = false;
            arrived(farNs, farBytes, nowNs);
            if (probeMark) {
                rate.probed(mark, nowNs);
            }
            serve();
        }
    }

    private void arrived(long farNs, long farBytes, long nowNs) {
        long bytes = farBytes - lastFarBytes;
        long intervalNs = farNs - lastFarNs;
        if (intervalNs > 0 && intervalNs < LEAST_INTERVAL_NS) {
            rested |= restedBeforeMark;
            return;
        }
        if (bytes >= 0 && intervalNs > 0 && lastFarNs != 0) {
            rate.arrived(bytes, intervalNs, !restedBeforeMark, nowNs);
        }
        lastFarNs = farNs;
        lastFarBytes = farBytes;
    }

    /** Flows that leave much of the window unused tell what they have, not what the link takes. */
    private void noteIfRested() {
        rested |= !anyWaits() && underWay < rate.limitBytes() / 4 * 3;
    }

    long underWay() {
        return underWay;
    }

    long limitBytes() {
        return rate.limitBytes();
    }

    private long room() {
        if (rate.isProbing() || freeNs - means.nowNs() > 0) {
            return 0;
        }
        return rate.limitBytes() - underWay;
    }

    /** Sends at the link's pace: a pause of the sender is made up for, if it was short. */
    private void pace(int bytes) {
        long nowNs = means.nowNs();
        long busyNs = rate.busyNs(bytes, marked ? nowNs - markNs : 0);
        freeNs = Math.max(freeNs, nowNs - BURST_NS) + busyNs;
    }

    private void wakeWhenFree() {
        long leftNs = freeNs - means.nowNs();
        if (leftNs > 0 && anyWaits() && !wakes) {
            wakes = true;
            means.later(Math.max(leftNs, LEAST_PAUSE_NS), this::wake);
        }
    }

    private void wake() {
        wakes = false;
        serve();
    }

    private long quantum() {
        return Math.clamp(rate.limitBytes() / QUANTA, LEAST_GRANT_BYTES, QUANTUM_BYTES);
    }

    private boolean anyWaits() {
        return !small.isEmpty() || !large.isEmpty();
    }

    /** Looks at the link while it limits somebody. */
    private void markIfDue() {
        long nowNs = means.nowNs();
        boolean probing = rate.isProbing();
        boolean due = probing ? underWay <= EMPTY_BYTES : nowNs - markNs >= MARK_NS && anyWaits();
        if (due && !marked) {
            marked = true;
            markNs = nowNs;
            restedBeforeMark = rested || probing;
            rested = probing;
            probeMark = probing;
            rate.probeSent();
            means.mark(nowNs);
        }
    }

    /** Lets those that wait send while there is room. */
    private void serve() {
        if (serving) {
            return;
        }
        serving = true;
        try {
            markIfDue();
            while (anyWaits() && room() >= LEAST_GRANT_BYTES) {
                Share share = takeNext();
                share.waits = false;
                next = share;
                share.sender.turn();
                next = null;
            }
            wakeWhenFree();
        } finally {
            serving = false;
            next = null;
        }
    }

    private Share takeNext() {
        boolean takeSmall = !small.isEmpty() && (large.isEmpty() || smallInARow < SMALL_IN_A_ROW);
        smallInARow = takeSmall ? smallInARow + 1 : 0;
        return takeSmall ? small.removeFirst() : large.removeFirst();
    }

    /** One flow's part of what is under way. */
    final class Share {

        private final Sender sender;
        private long sent;
        private long acknowledged;
        private long datagrams;
        private boolean waits;
        private boolean ended;

        private Share(Sender sender) {
            this.sender = sender;
        }

        /**
         * {@return how many of those bytes are to be sent now} Where it is less than all, the
         * sender asks again; where it is none, it is told of its turn.
         */
        int grant(int bytes) {
            boolean myTurn = equals(next);
            next = null;
            long room = myTurn || !anyWaits() ? room() : 0;
            if (room >= Math.min(bytes, LEAST_GRANT_BYTES)) {
                int granted = (int) Math.min(Math.min(bytes, quantum()), room);
                send(granted);
                return granted;
            }
            await();
            return 0;
        }

        private void await() {
            if (!waits && !ended) {
                waits = true;
                (sent <= SMALL_BYTES ? small : large).addLast(this);
                markIfDue();
                if (!serving) {
                    wakeWhenFree();
                }
            }
        }

        /** Sends without asking. */
        void send(int bytes) {
            sent += bytes;
            underWay += bytes;
            pace(bytes);
        }

        /**
         * Sends a datagram if there is room: half of the window is theirs alone, so that bulk does
         * not shut them out.
         */
        boolean sendDatagram(int bytes) {
            if (datagramsUnderWay >= rate.limitBytes() / 2) {
                return false;
            }
            datagramsUnderWay += bytes;
            datagrams += bytes;
            send(bytes);
            return true;
        }

        /** All below that offset has arrived. */
        void acknowledged(long offset) {
            long all = Math.min(offset, sent); // a FIN has an offset too, and no byte
            if (all > acknowledged && !ended) {
                noteIfRested();
                release(all - acknowledged);
                acknowledged = all;
                serve();
            }
        }

        private void release(long bytes) {
            underWay -= bytes;
            long ofDatagrams = Math.min(bytes, datagrams);
            datagrams -= ofDatagrams;
            datagramsUnderWay -= ofDatagrams;
        }

        /** Nothing more is sent, and nobody waits for what was. */
        void end() {
            if (!ended) {
                ended = true;
                release(sent - acknowledged);
                if (waits) {
                    small.remove(this);
                    large.remove(this);
                }
                serve();
            }
        }
    }
}
