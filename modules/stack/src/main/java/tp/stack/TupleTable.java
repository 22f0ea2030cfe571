package tp.stack;

import java.util.Arrays;

/**
 * Finds small integers ("entries") by the 4-tuple of their flow. Open addressing with linear
 * probing over primitive arrays, at most half full; deletion moves followers back, so that no
 * tombstones pile up. Allocates only when it grows.
 */
final class TupleTable {

    private static final int KEY_LONGS = 5;

    /** Entry numbers plus one; zero is free. */
    private int[] buckets = new int[64];

    /** The key of entry e is at e * KEY_LONGS. */
    private long[] keys = new long[16 * KEY_LONGS];

    private int size;

    /** {@return the entry of a flow, or -1} */
    int find(FlowView flow) {
        int mask = buckets.length - 1;
        for (int i = flow.hashCode() & mask; buckets[i] != 0; i = (i + 1) & mask) {
            int entry = buckets[i] - 1;
            if (matches(entry, flow)) {
                return entry;
            }
        }
        return -1;
    }

    /** Adds a flow that is not there, under an entry number that is not there. */
    void add(int entry, FlowView flow) {
        if ((size + 1) * 2 > buckets.length) {
            grow();
        }
        int at = entry * KEY_LONGS;
        if (at + KEY_LONGS > keys.length) {
            keys = Arrays.copyOf(keys, Math.max(keys.length * 2, at + KEY_LONGS));
        }
        keys[at] = flow.sourceHigh;
        keys[at + 1] = flow.sourceLow;
        keys[at + 2] = flow.destinationHigh;
        keys[at + 3] = flow.destinationLow;
        keys[at + 4] = flow.ports;
        place(entry, flow.hashCode());
        size++;
    }

    /** Reads an entry's flow into a view. */
    void read(int entry, FlowView into) {
        int at = entry * KEY_LONGS;
        into.sourceHigh = keys[at];
        into.sourceLow = keys[at + 1];
        into.destinationHigh = keys[at + 2];
        into.destinationLow = keys[at + 3];
        into.ports = (int) keys[at + 4];
    }

    /** Removes an entry that is there. Its key can still be read. */
    void remove(int entry, FlowView scratch) {
        int mask = buckets.length - 1;
        read(entry, scratch);
        int hole = scratch.hashCode() & mask;
        while (buckets[hole] != entry + 1) {
            hole = (hole + 1) & mask;
        }
        for (int i = (hole + 1) & mask; buckets[i] != 0; i = (i + 1) & mask) {
            read(buckets[i] - 1, scratch);
            int home = scratch.hashCode() & mask;
            // Moves back where the hole lies between the entry's home and its place (Knuth 6.4 R).
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                buckets[hole] = buckets[i];
                hole = i;
            }
        }
        buckets[hole] = 0;
        size--;
    }

    private boolean matches(int entry, FlowView flow) {
        int at = entry * KEY_LONGS;
        return keys[at + 4] == flow.ports
                && keys[at + 3] == flow.destinationLow
                && keys[at + 1] == flow.sourceLow
                && keys[at + 2] == flow.destinationHigh
                && keys[at] == flow.sourceHigh;
    }

    private void place(int entry, int hash) {
        int mask = buckets.length - 1;
        int i = hash & mask;
        while (buckets[i] != 0) {
            i = (i + 1) & mask;
        }
        buckets[i] = entry + 1;
    }

    private void grow() {
        int[] old = buckets;
        buckets = new int[old.length * 2];
        FlowView scratch = new FlowView();
        for (int bucket : old) {
            if (bucket != 0) {
                read(bucket - 1, scratch);
                place(bucket - 1, scratch.hashCode());
            }
        }
    }
}
