package tp.stack;

import java.util.Arrays;

/**
 * The admitted connections. A connection's number is its slot, which is also its alias address and
 * port, so that the listener's packets need no look-up.
 *
 * <pre>
 *   FREE ──admit──▶ OPEN ──RST, both FINs, or owner ended──▶ LINGERING ──time──▶ FREE
 *                     ◀── a packet after a reset that did not count ──┘
 * </pre>
 *
 * A lingering connection is still translated: its last packets may be under way or lost. It is
 * released when no packet came for the time of TIME_WAIT, and freed slots are used again in order.
 */
final class FlowTable {

    private static final byte FREE = 0;
    private static final byte OPEN = 1;
    private static final byte LINGERING = 2;

    private static final int APPLICATION_FIN = 1;
    private static final int LISTENER_FIN = 2;
    private static final int BOTH_FINS = APPLICATION_FIN | LISTENER_FIN;
    private static final int OWNER_ENDED = 4;
    private static final int QUEUED = 8;

    /** Its application has begun another connection with the same 4-tuple. */
    private static final int DETACHED = 16;

    private final int maxFlows;
    private final long timeWaitNs;
    private final TupleTable tuples = new TupleTable();
    private final FlowView scratch = new FlowView();
    private final IntRing freed = new IntRing();
    private final IntRing lingering = new IntRing();
    private int neverUsed;
    private int inUse;

    private byte[] state = new byte[16];
    private byte[] marks = new byte[16];
    private int[] initialSequence = new int[16];
    private long[] dialId = new long[16];
    private long[] lastPacketNs = new long[16];
    private long[] lingersSinceNs = new long[16];

    FlowTable(int maxFlows, long timeWaitNs) {
        this.maxFlows = maxFlows;
        this.timeWaitNs = timeWaitNs;
    }

    /** {@return the slot of the application's packet, or -1} */
    int find(FlowView flow) {
        return tuples.find(flow);
    }

    /** {@return whether the listener's packets on this slot have somebody to go to} */
    boolean isAttached(int slot) {
        return slot >= 0
                && slot < neverUsed
                && state[slot] != FREE
                && (marks[slot] & DETACHED) == 0;
    }

    void read(int slot, FlowView into) {
        tuples.read(slot, into);
    }

    int initialSequence(int slot) {
        return initialSequence[slot];
    }

    long dialId(int slot) {
        return dialId[slot];
    }

    int inUse() {
        return inUse;
    }

    /**
     * {@return the slot of a new connection whose 4-tuple is not there, or -1 where all are taken}
     */
    int admit(FlowView flow, int sequence, long dial, long nowNs) {
        if (freed.isEmpty() && neverUsed == maxFlows) {
            return -1;
        }
        int slot = freed.isEmpty() ? grow() : freed.remove();
        tuples.add(slot, flow);
        state[slot] = OPEN;
        marks[slot] = 0;
        initialSequence[slot] = sequence;
        dialId[slot] = dial;
        lastPacketNs[slot] = nowNs;
        inUse++;
        return slot;
    }

    /** Takes the 4-tuple away from a connection that its application has left behind. */
    void detach(int slot, long nowNs) {
        tuples.remove(slot, scratch);
        marks[slot] |= DETACHED;
        linger(slot, nowNs);
    }

    /** {@return whether this reset is the first news that the connection is over} */
    boolean reset(int slot, long nowNs) {
        lastPacketNs[slot] = nowNs;
        boolean first = state[slot] == OPEN;
        linger(slot, nowNs);
        return first;
    }

    /** Notes a packet that is no reset. */
    void packet(int slot, boolean fromApplication, boolean fin, long nowNs) {
        lastPacketNs[slot] = nowNs;
        if (fin) {
            marks[slot] |= (byte) (fromApplication ? APPLICATION_FIN : LISTENER_FIN);
        }
        if ((marks[slot] & BOTH_FINS) == BOTH_FINS) {
            linger(slot, nowNs);
        } else if (state[slot] == LINGERING && (marks[slot] & (OWNER_ENDED | DETACHED)) == 0) {
            // The reset was outside the window and meant nothing (RFC 5961 §3).
            state[slot] = OPEN;
        }
    }

    /** The owner's socket is gone. */
    void ended(int slot, long dial, long nowNs) {
        if (slot >= 0 && slot < neverUsed && state[slot] != FREE && dialId[slot] == dial) {
            marks[slot] |= OWNER_ENDED;
            linger(slot, nowNs);
        }
    }

    /** {@return when {@link #expire} has work, or Long.MAX_VALUE} */
    long nextExpiryNs() {
        return lingering.isEmpty()
                ? Long.MAX_VALUE
                : lingersSinceNs[lingering.first()] + timeWaitNs;
    }

    /** {@return how many slots were freed} */
    int expire(long nowNs) {
        int released = 0;
        while (nextExpiryNs() <= nowNs) {
            int slot = lingering.remove();
            marks[slot] &= ~QUEUED;
            if (state[slot] != LINGERING) {
                continue;
            }
            if (lastPacketNs[slot] + timeWaitNs > nowNs) {
                linger(slot, nowNs);
            } else {
                release(slot);
                released++;
            }
        }
        return released;
    }

    private void linger(int slot, long nowNs) {
        state[slot] = LINGERING;
        if ((marks[slot] & QUEUED) == 0) {
            marks[slot] |= QUEUED;
            lingersSinceNs[slot] = nowNs;
            lingering.add(slot);
        }
    }

    private void release(int slot) {
        if ((marks[slot] & DETACHED) == 0) {
            tuples.remove(slot, scratch);
        }
        state[slot] = FREE;
        freed.add(slot);
        inUse--;
    }

    private int grow() {
        if (neverUsed == state.length) {
            int length = Math.min(state.length * 2, maxFlows);
            length = Math.max(length, neverUsed + 1);
            state = Arrays.copyOf(state, length);
            marks = Arrays.copyOf(marks, length);
            initialSequence = Arrays.copyOf(initialSequence, length);
            dialId = Arrays.copyOf(dialId, length);
            lastPacketNs = Arrays.copyOf(lastPacketNs, length);
            lingersSinceNs = Arrays.copyOf(lingersSinceNs, length);
        }
        return neverUsed++;
    }
}
