package tp.packet;

import java.nio.ByteBuffer;

/** A view of a UDP datagram (RFC 768). */
public final class UdpHeader {

    public static final int BYTES = 8;

    static final int SOURCE_PORT = 0;
    static final int DESTINATION_PORT = 2;
    static final int LENGTH = 4;
    static final int CHECKSUM = 6;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;

    /** Points at nothing yet. */
    public UdpHeader() {}

    /**
     * Points the view at a datagram.
     *
     * @param length bytes that are there
     * @return false where the datagram is cut off; jumbograms (length zero, RFC 2675) are not known
     */
    public boolean wrap(ByteBuffer packet, int offset, int length) {
        buffer = packet;
        this.offset = offset;
        return length >= BYTES && length() >= BYTES && length() <= length;
    }

    public int sourcePort() {
        return buffer.getShort(offset + SOURCE_PORT) & 0xffff;
    }

    public int destinationPort() {
        return buffer.getShort(offset + DESTINATION_PORT) & 0xffff;
    }

    public int length() {
        return buffer.getShort(offset + LENGTH) & 0xffff;
    }

    public int checksum() {
        return buffer.getShort(offset + CHECKSUM) & 0xffff;
    }

    /**
     * {@return whether the checksum is right} IPv4 may leave it out (RFC 768), IPv6 may not (RFC
     * 8200 §8.1).
     *
     * @param ip the packet that this datagram is in
     */
    public boolean checksumMatches(IpPacket ip) {
        if (checksum() == 0) {
            return ip.isIpv4();
        }
        long pseudoHeader = ip.addressSum() + IpProtocol.UDP + length();
        return Checksum.fold(pseudoHeader + Checksum.sum(buffer, offset, length())) == 0xffff;
    }

    public int payloadOffset() {
        return offset + BYTES;
    }

    public int payloadBytes() {
        return length() - BYTES;
    }

    /** Writes a header with checksum zero. */
    public static void write(
            ByteBuffer out, int offset, int sourcePort, int destinationPort, int payloadBytes) {
        out.putShort(offset + SOURCE_PORT, (short) sourcePort);
        out.putShort(offset + DESTINATION_PORT, (short) destinationPort);
        out.putShort(offset + LENGTH, (short) (BYTES + payloadBytes));
        out.putShort(offset + CHECKSUM, (short) 0);
    }

    /** Writes the checksum; a computed zero goes out as all ones (RFC 768, RFC 8200 §8.1). */
    public static void writeChecksum(ByteBuffer out, int offset, long sum) {
        int checksum = Checksum.finish(sum);
        out.putShort(offset + CHECKSUM, (short) (checksum == 0 ? 0xffff : checksum));
    }
}
