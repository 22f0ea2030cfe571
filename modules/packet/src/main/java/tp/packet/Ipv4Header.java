package tp.packet;

import java.nio.ByteBuffer;

/** A view of an IPv4 header (RFC 791 §3.1). */
public final class Ipv4Header {

    /** Length of a header without options. */
    public static final int MIN_BYTES = 20;

    static final int TOTAL_LENGTH = 2;
    static final int IDENTIFICATION = 4;
    static final int FLAGS = 6;
    static final int TTL = 8;
    static final int PROTOCOL = 9;
    static final int CHECKSUM = 10;
    static final int SOURCE = 12;
    static final int DESTINATION = 16;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;

    /** Points at nothing yet. */
    public Ipv4Header() {}

    /**
     * Points the view at a packet.
     *
     * @param length bytes that are there, from offset on; bytes behind the packet's own length are
     *     ignored
     * @return false where this is no complete IPv4 packet
     */
    public boolean wrap(ByteBuffer packet, int offset, int length) {
        buffer = packet;
        this.offset = offset;
        return length >= MIN_BYTES
                && (packet.get(offset) & 0xf0) == 0x40
                && headerBytes() >= MIN_BYTES
                && totalLength() >= headerBytes()
                && totalLength() <= length;
    }

    public int headerBytes() {
        return (buffer.get(offset) & 0xf) * 4;
    }

    public int totalLength() {
        return buffer.getShort(offset + TOTAL_LENGTH) & 0xffff;
    }

    public boolean isFragment() {
        return hasMoreFragments() || fragmentOffset() != 0;
    }

    public boolean hasMoreFragments() {
        return (buffer.getShort(offset + FLAGS) & MORE_FRAGMENTS) != 0;
    }

    /** {@return where in its datagram a fragment's data belongs, in bytes} */
    public int fragmentOffset() {
        return (buffer.getShort(offset + FLAGS) & FRAGMENT_OFFSET) * 8;
    }

    /** {@return what the fragments of a datagram have in common} */
    public int identification() {
        return buffer.getShort(offset + IDENTIFICATION) & 0xffff;
    }

    public int timeToLive() {
        return buffer.get(offset + TTL) & 0xff;
    }

    public int protocol() {
        return buffer.get(offset + PROTOCOL) & 0xff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM) & 0xffff;
    }

    public int source() {
        return buffer.getInt(offset + SOURCE);
    }

    public int destination() {
        return buffer.getInt(offset + DESTINATION);
    }

    /** {@return whether the header's own checksum is right} */
    public boolean checksumMatches() {
        return Checksum.fold(Checksum.sum(buffer, offset, headerBytes())) == 0xffff;
    }

    /** Changes both addresses and updates the header's checksum by what changed. */
    public void readdress(int source, int destination) {
        long oldSum = Checksum.sum(buffer, offset + SOURCE, 8);
        buffer.putInt(offset + SOURCE, source);
        buffer.putInt(offset + DESTINATION, destination);
        long newSum = Checksum.sum(buffer, offset + SOURCE, 8);
        int checksum = Checksum.update(checksum(), oldSum, newSum);
        buffer.putShort(offset + CHECKSUM, (short) checksum);
    }

    /** Writes a header without options, checksum included; "don't fragment" is set (RFC 6864). */
    public static void write(
            ByteBuffer out,
            int offset,
            int totalLength,
            int protocol,
            int source,
            int destination) {
        out.putShort(offset, (short) 0x4500);
        out.putShort(offset + TOTAL_LENGTH, (short) totalLength);
        out.putShort(offset + IDENTIFICATION, (short) 0);
        out.putShort(offset + FLAGS, (short) DONT_FRAGMENT);
        out.put(offset + TTL, (byte) 64);
        out.put(offset + PROTOCOL, (byte) protocol);
        out.putInt(offset + SOURCE, source);
        out.putInt(offset + DESTINATION, destination);
        writeChecksum(out, offset);
    }

    /**
     * Makes a written header that of a fragment, checksum included (RFC 791 §3.2).
     *
     * @param at where the fragment's data belongs in the datagram, a multiple of 8
     */
    public static void writeFragment(
            ByteBuffer out, int offset, int totalLength, int identification, int at, boolean more) {
        out.putShort(offset + TOTAL_LENGTH, (short) totalLength);
        out.putShort(offset + IDENTIFICATION, (short) identification);
        out.putShort(offset + FLAGS, (short) (at / 8 | (more ? MORE_FRAGMENTS : 0)));
        writeChecksum(out, offset);
    }

    private static void writeChecksum(ByteBuffer out, int offset) {
        out.putShort(offset + CHECKSUM, (short) 0);
        int checksum = Checksum.finish(Checksum.sum(out, offset, MIN_BYTES));
        out.putShort(offset + CHECKSUM, (short) checksum);
    }
}
