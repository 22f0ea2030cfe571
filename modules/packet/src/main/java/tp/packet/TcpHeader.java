package tp.packet;

import java.nio.ByteBuffer;

/**
 * A view of a TCP segment (RFC 9293 §3.1). Sequence numbers are unsigned 32-bit values in an int.
 */
public final class TcpHeader {

    /** Length of a header without options. */
    public static final int MIN_BYTES = 20;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int ACK = 0x10;

    static final int SOURCE_PORT = 0;
    static final int DESTINATION_PORT = 2;
    static final int SEQUENCE = 4;
    static final int ACKNOWLEDGMENT = 8;
    static final int DATA_OFFSET = 12;
    static final int FLAGS = 13;
    static final int WINDOW = 14;
    static final int CHECKSUM = 16;
    static final int URGENT = 18;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;
    private int length;

    /** Points at nothing yet. */
    public TcpHeader() {}

    /**
     * Points the view at a segment.
     *
     * @param length of the segment, header and data
     * @return false where the header is cut off
     */
    public boolean wrap(ByteBuffer packet, int offset, int length) {
        buffer = packet;
        this.offset = offset;
        this.length = length;
        return length >= MIN_BYTES && headerBytes() >= MIN_BYTES && headerBytes() <= length;
    }

    public int sourcePort() {
        return buffer.getShort(offset + SOURCE_PORT) & 0xffff;
    }

    public int destinationPort() {
        return buffer.getShort(offset + DESTINATION_PORT) & 0xffff;
    }

    public int sequence() {
        return buffer.getInt(offset + SEQUENCE);
    }

    public int acknowledgment() {
        return buffer.getInt(offset + ACKNOWLEDGMENT);
    }

    public int headerBytes() {
        return (buffer.get(offset + DATA_OFFSET) >> 4 & 0xf) * 4;
    }

    public int flags() {
        return buffer.get(offset + FLAGS) & 0xff;
    }

    public boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    public int window() {
        return buffer.getShort(offset + WINDOW) & 0xffff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM) & 0xffff;
    }

    public int payloadBytes() {
        return length - headerBytes();
    }

    /** {@return SEG.LEN: the sequence numbers the segment occupies, SYN and FIN counted} */
    public int sequenceLength() {
        return payloadBytes() + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }

    /**
     * Changes both ports, and updates the checksum by them and by the addresses that changed too.
     *
     * @param oldAddresses unfolded sum of the pseudo-header's addresses before the change
     * @param newAddresses and after it
     */
    public void readdress(
            int sourcePort, int destinationPort, long oldAddresses, long newAddresses) {
        long oldPorts = buffer.getInt(offset + SOURCE_PORT) & 0xffff_ffffL;
        long newPorts = (long) sourcePort << 16 | destinationPort;
        buffer.putInt(offset + SOURCE_PORT, (int) newPorts);
        int checksum =
                Checksum.update(checksum(), oldAddresses + oldPorts, newAddresses + newPorts);
        buffer.putShort(offset + CHECKSUM, (short) checksum);
    }

    /** Writes a header without options and with checksum zero. */
    public static void write(
            ByteBuffer out, int offset, int ports, int sequence, int acknowledgment, int flags) {
        out.putInt(offset + SOURCE_PORT, ports);
        out.putInt(offset + SEQUENCE, sequence);
        out.putInt(offset + ACKNOWLEDGMENT, acknowledgment);
        out.put(offset + DATA_OFFSET, (byte) ((MIN_BYTES / 4) << 4));
        out.put(offset + FLAGS, (byte) flags);
        out.putShort(offset + WINDOW, (short) 0);
        out.putInt(offset + CHECKSUM, 0);
    }

    /**
     * Writes the checksum.
     *
     * @param sum of the segment and of the pseudo-header
     */
    public static void writeChecksum(ByteBuffer out, int offset, long sum) {
        out.putShort(offset + CHECKSUM, (short) Checksum.finish(sum));
    }
}
