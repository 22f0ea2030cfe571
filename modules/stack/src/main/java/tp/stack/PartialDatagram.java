package tp.stack;

import java.nio.ByteBuffer;
import java.util.BitSet;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;

/**
 * A datagram of which some fragments are here. What is here is kept as a bit for each 8 bytes, as
 * in the example of RFC 791 §3.2, so that no number or order of fragments costs more than another.
 */
final class PartialDatagram {

    /** What a fragment did. */
    enum Step {
        ADDED,
        COMPLETED,
        /** The same fragment was here before. */
        DUPLICATE,
        /** It overlaps another, or the two do not agree where the datagram ends. */
        CONTRADICTION
    }

    private static final int UNIT = 8;
    private static final int UNITS = 65_536 / UNIT;
    private static final int MIN_CAPACITY = 4_096;
    private static final int MAX_CAPACITY = Ipv6Header.BYTES + 65_535;
    private static final int BIT_BYTES = 2 * UNITS / 8;
    private static final int NOT_KNOWN = -1;

    /** Units that are here. */
    private final BitSet here = new BitSet(UNITS);

    /** Units that a fragment begins with, to tell a duplicate from an overlap. */
    private final BitSet beginnings = new BitSet(UNITS);

    private ByteBuffer packet = ByteBuffer.allocate(MIN_CAPACITY);
    private int headerBytes;
    private int protocol;
    private int unitsHere;
    private int highestEnd;
    private int length;

    void begin(boolean ipv4) {
        headerBytes = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        packet.clear();
        here.clear();
        beginnings.clear();
        unitsHere = 0;
        highestEnd = 0;
        length = NOT_KNOWN;
    }

    /** {@return how much memory this takes} */
    int bytes() {
        return packet.capacity() + BIT_BYTES;
    }

    /** Makes room for a datagram of at least that length. */
    void reserve(int end) {
        int needed = headerBytes + end;
        if (needed > packet.capacity()) {
            ByteBuffer larger = ByteBuffer.allocate(Math.min(2 * needed, MAX_CAPACITY));
            larger.put(headerBytes, packet, headerBytes, highestEnd);
            packet = larger;
        }
    }

    /**
     * Takes a fragment for which there is room.
     *
     * @param protocol counts where the datagram begins with this fragment (RFC 8200 §4.5)
     * @param at where its data belongs in the datagram
     * @param from where its data is in the buffer
     * @param more whether it is not the last; if so, its length is a multiple of 8
     */
    Step add(int protocol, int at, ByteBuffer data, int from, int count, boolean more) {
        int end = at + count;
        int first = at / UNIT;
        int last = (end + UNIT - 1) / UNIT;
        if (isAnyHere(first, last)) {
            boolean same = isFragment(first, last) && endsAlike(end, more);
            return same && isEqual(at, data, from, count) ? Step.DUPLICATE : Step.CONTRADICTION;
        }
        if (more ? length != NOT_KNOWN && end > length : length != NOT_KNOWN || end < highestEnd) {
            return Step.CONTRADICTION;
        }
        if (at == 0) {
            this.protocol = protocol;
        }
        if (!more) {
            length = end;
        }
        packet.put(headerBytes + at, data, from, count);
        here.set(first, last);
        beginnings.set(first);
        unitsHere += last - first;
        highestEnd = Math.max(highestEnd, end);
        boolean complete = length != NOT_KNOWN && unitsHere == (length + UNIT - 1) / UNIT;
        return complete ? Step.COMPLETED : Step.ADDED;
    }

    /**
     * {@return the whole packet} Options and extension headers of its fragments are not in it:
     * nobody here reads them.
     */
    ByteBuffer whole(FlowView ends) {
        Replies.writeIp(packet, ends, protocol, length);
        return packet;
    }

    private boolean isAnyHere(int first, int last) {
        int next = here.nextSetBit(first);
        return next >= 0 && next < last;
    }

    /** {@return whether one fragment brought exactly these units} */
    private boolean isFragment(int first, int last) {
        int next = beginnings.nextSetBit(first + 1);
        return beginnings.get(first)
                && here.nextClearBit(first) >= last
                && (next < 0 || next >= last)
                && (!here.get(last) || next == last);
    }

    private boolean endsAlike(int end, boolean more) {
        return more ? length == NOT_KNOWN || end < length : end == length;
    }

    private boolean isEqual(int at, ByteBuffer data, int from, int count) {
        for (int i = 0; i < count; i++) {
            if (packet.get(headerBytes + at + i) != data.get(from + i)) {
                return false;
            }
        }
        return true;
    }
}
