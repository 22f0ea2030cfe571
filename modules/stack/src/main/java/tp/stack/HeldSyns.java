package tp.stack;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * SYNs whose far dial is not decided, with their bytes.
 *
 * <p>An application that gives up sends nothing, so a SYN is forgotten when its retransmissions
 * stop: after twice the last gap plus 1 s (gaps double, RFC 6298 §5.5). Before the first
 * retransmission the gap is taken as 1 s, the initial timeout of RFC 6298 §2.1.
 */
final class HeldSyns {

    /** Larger than any SYN without data: 60 bytes of IPv4 or 40 of IPv6, 60 of TCP, extensions. */
    static final int MAX_BYTES = 256;

    private static final long SECOND_NS = 1_000_000_000L;

    /** Of a dial's number, which entry it is; the rest counts up, so that no number comes twice. */
    private static final int ENTRY_BITS = 16;

    private final int capacity;
    private final TupleTable tuples = new TupleTable();
    private final FlowView scratch = new FlowView();
    private final IntRing freed = new IntRing();
    private int neverUsed;
    private int size;
    private long dials;

    /** Zero where the entry is free. */
    private long[] dialId = new long[16];

    private boolean[] silent = new boolean[16];
    private int[] sequence = new int[16];
    private long[] lastSeenNs = new long[16];
    private long[] gapNs = new long[16];
    private ByteBuffer[] packets = new ByteBuffer[16];

    HeldSyns(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    int find(FlowView flow) {
        return tuples.find(flow);
    }

    int sequence(int entry) {
        return sequence[entry];
    }

    long dialId(int entry) {
        return dialId[entry];
    }

    /** {@return whether the remote was silent, so that no answer is awaited} */
    boolean isSilent(int entry) {
        return silent[entry];
    }

    void silence(int entry) {
        silent[entry] = true;
    }

    void read(int entry, FlowView into) {
        tuples.read(entry, into);
    }

    /** {@return the held packet, between position and limit; it is the table's own} */
    ByteBuffer packet(int entry) {
        return packets[entry];
    }

    /** {@return the entry that a dial belongs to, or -1 where it is forgotten} */
    int entryOf(long dial) {
        int entry = (int) (dial & ((1 << ENTRY_BITS) - 1));
        return dial > 0 && entry < neverUsed && dialId[entry] == dial ? entry : -1;
    }

    /**
     * {@return the entry of a SYN that is not there; there is room, and the packet is not too
     * large}
     */
    int hold(FlowView flow, ByteBuffer packet, int length, int initialSequence, long nowNs) {
        int entry = freed.isEmpty() ? grow() : freed.remove();
        tuples.add(entry, flow);
        dials++;
        dialId[entry] = dials << ENTRY_BITS | entry;
        silent[entry] = false;
        sequence[entry] = initialSequence;
        lastSeenNs[entry] = nowNs;
        gapNs[entry] = SECOND_NS;
        packets[entry].clear().put(0, packet, packet.position(), length).limit(length);
        size++;
        return entry;
    }

    void retransmitted(int entry, long nowNs) {
        gapNs[entry] = Math.max(nowNs - lastSeenNs[entry], SECOND_NS);
        lastSeenNs[entry] = nowNs;
    }

    void remove(int entry) {
        tuples.remove(entry, scratch);
        dialId[entry] = 0;
        freed.add(entry);
        size--;
    }

    /** {@return the next entry at or after {@code from} whose application has given up, or -1} */
    int nextForgotten(int from, long nowNs) {
        for (int entry = from; entry < neverUsed; entry++) {
            if (dialId[entry] != 0 && nowNs - lastSeenNs[entry] >= 2 * gapNs[entry] + SECOND_NS) {
                return entry;
            }
        }
        return -1;
    }

    private int grow() {
        if (neverUsed == dialId.length) {
            int length = Math.min(neverUsed * 2, Math.max(capacity, neverUsed + 1));
            dialId = Arrays.copyOf(dialId, length);
            silent = Arrays.copyOf(silent, length);
            sequence = Arrays.copyOf(sequence, length);
            lastSeenNs = Arrays.copyOf(lastSeenNs, length);
            gapNs = Arrays.copyOf(gapNs, length);
            packets = Arrays.copyOf(packets, length);
        }
        packets[neverUsed] = ByteBuffer.allocate(MAX_BYTES);
        return neverUsed++;
    }
}
