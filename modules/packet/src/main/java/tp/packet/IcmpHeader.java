package tp.packet;

import java.nio.ByteBuffer;

/** A view of an ICMP message of either version (RFC 792, RFC 4443 §2.1). */
public final class IcmpHeader {

    /** Type, code, checksum and the four bytes that every message tp knows has. */
    public static final int BYTES = 8;

    public static final int ECHO_REPLY = 0;
    public static final int UNREACHABLE = 3;
    public static final int ECHO_REQUEST = 8;
    public static final int V6_UNREACHABLE = 1;
    public static final int V6_ECHO_REQUEST = 128;
    public static final int V6_ECHO_REPLY = 129;

    static final int TYPE = 0;
    static final int CODE = 1;
    static final int CHECKSUM = 2;
    static final int REST = 4;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;

    /** Points at nothing yet. */
    public IcmpHeader() {}

    /**
     * Points the view at a message.
     *
     * @return false where it is cut off
     */
    public boolean wrap(ByteBuffer packet, int offset, int length) {
        buffer = packet;
        this.offset = offset;
        return length >= BYTES;
    }

    public int type() {
        return buffer.get(offset + TYPE) & 0xff;
    }

    public int code() {
        return buffer.get(offset + CODE) & 0xff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM) & 0xffff;
    }

    /** {@return the identifier of an echo} */
    public int identifier() {
        return buffer.getShort(offset + REST) & 0xffff;
    }

    /** {@return the sequence number of an echo} */
    public int sequence() {
        return buffer.getShort(offset + REST + 2) & 0xffff;
    }

    /** Writes the header with checksum zero and the rest zero. */
    public static void write(ByteBuffer out, int offset, int type, int code) {
        out.put(offset + TYPE, (byte) type);
        out.put(offset + CODE, (byte) code);
        out.putShort(offset + CHECKSUM, (short) 0);
        out.putInt(offset + REST, 0);
    }

    /**
     * Writes the checksum.
     *
     * @param sum of the message, and for ICMPv6 of the pseudo-header (RFC 4443 §2.3)
     */
    public static void writeChecksum(ByteBuffer out, int offset, long sum) {
        out.putShort(offset + CHECKSUM, (short) Checksum.finish(sum));
    }
}
