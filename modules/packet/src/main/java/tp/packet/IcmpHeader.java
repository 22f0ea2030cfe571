package tp.packet;

import java.nio.ByteBuffer;

/** A view of an ICMP message of either version (RFC 792, RFC 4443 §2.1). */
public final class IcmpHeader {

    /** Type, code, checksum and the four bytes that every message tp knows has. */
    public static final int BYTES = 8;

    public static final int ECHO_REPLY = 0;
    public static final int UNREACHABLE = 3;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int V6_UNREACHABLE = 1;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_ECHO_REQUEST = 128;
    public static final int V6_ECHO_REPLY = 129;

    static final int TYPE = 0;
    static final int CODE = 1;
    static final int CHECKSUM = 2;
    static final int REST = 4;

    /** Where an echo's sequence number is in its message; what is to come back follows it. */
    public static final int SEQUENCE = 6;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;
    private int length;

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
        this.length = length;
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

    /**
     * {@return whether this asks for an echo} Each version has a protocol number and a type of its
     * own for that, with code zero (RFC 792, RFC 4443 §4.1).
     *
     * @param ip the packet that this message is in
     */
    public boolean isEchoRequest(IpPacket ip) {
        boolean ipv4 = ip.isIpv4();
        return ip.protocol() == (ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6)
                && type() == (ipv4 ? ECHO_REQUEST : V6_ECHO_REQUEST)
                && code() == 0;
    }

    /**
     * {@return whether the checksum is right} ICMPv6 counts the pseudo-header (RFC 4443 §2.3).
     *
     * @param ip the packet that this message is in
     */
    public boolean checksumMatches(IpPacket ip) {
        long pseudoHeader = ip.isIpv4() ? 0 : ip.pseudoHeaderSum();
        return Checksum.fold(pseudoHeader + Checksum.sum(buffer, offset, length)) == 0xffff;
    }

    /** {@return the identifier of an echo} */
    public int identifier() {
        return buffer.getShort(offset + REST) & 0xffff;
    }

    /** {@return the sequence number of an echo} */
    public int sequence() {
        return buffer.getShort(offset + SEQUENCE) & 0xffff;
    }

    /** {@return where the sequence number of an echo is, and behind it what is to come back} */
    public int sequenceOffset() {
        return offset + SEQUENCE;
    }

    /** {@return the length of the sequence number and of what is to come back} */
    public int sequenceBytes() {
        return length - SEQUENCE;
    }

    /** Writes the header with checksum zero and the rest zero. */
    public static void write(ByteBuffer out, int offset, int type, int code) {
        out.put(offset + TYPE, (byte) type);
        out.put(offset + CODE, (byte) code);
        out.putShort(offset + CHECKSUM, (short) 0);
        out.putInt(offset + REST, 0);
    }

    /** Writes the header of an echo with checksum and sequence number zero. */
    public static void writeEcho(ByteBuffer out, int offset, int type, int identifier) {
        write(out, offset, type, 0);
        out.putShort(offset + REST, (short) identifier);
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
