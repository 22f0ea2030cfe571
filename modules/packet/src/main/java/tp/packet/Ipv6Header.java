package tp.packet;

import java.nio.ByteBuffer;

/** A view of an IPv6 header and of the extension headers behind it (RFC 8200 §3, §4). */
public final class Ipv6Header {

    /** Length of the fixed header. */
    public static final int BYTES = 40;

    /** Length of the fragment header (RFC 8200 §4.5). */
    public static final int FRAGMENT_BYTES = 8;

    static final int PAYLOAD_LENGTH = 4;
    static final int NEXT_HEADER = 6;
    static final int HOP_LIMIT = 7;
    static final int SOURCE = 8;
    static final int DESTINATION = 24;

    /** Real packets have two or three; more is an attempt to keep us walking. */
    private static final int MAX_EXTENSIONS = 8;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;
    private int protocol;
    private int headerBytes;
    private boolean fragment;
    private int fragmentAt;

    /** Points at nothing yet. */
    public Ipv6Header() {}

    /**
     * Points the view at a packet and walks its extension headers.
     *
     * @param length bytes that are there, from offset on
     * @return false where this is no complete IPv6 packet, or one whose chain of headers is cut
     *     off, too long, or asks to be routed on (RFC 5095 §3 took that away)
     */
    public boolean wrap(ByteBuffer packet, int offset, int length) {
        buffer = packet;
        this.offset = offset;
        return length >= BYTES
                && (packet.get(offset) & 0xf0) == 0x60
                && totalLength() <= length
                && walk();
    }

    private boolean walk() {
        protocol = buffer.get(offset + NEXT_HEADER) & 0xff;
        headerBytes = BYTES;
        fragment = false;
        int total = totalLength();
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            if (!isExtension(protocol) || fragment) {
                return true;
            }
            if (headerBytes + 8 > total) {
                return false;
            }
            int at = offset + headerBytes;
            int bytes = extensionBytes(at);
            if (headerBytes + bytes > total
                    || (protocol == IpProtocol.ROUTING && buffer.get(at + 3) != 0)) {
                return false;
            }
            // A fragment header without offset and "more" is a whole packet (RFC 6946).
            fragment = protocol == IpProtocol.FRAGMENT && (buffer.getShort(at + 2) & 0xfff9) != 0;
            fragmentAt = at;
            protocol = buffer.get(at) & 0xff;
            headerBytes += bytes;
        }
        return !isExtension(protocol);
    }

    private int extensionBytes(int at) {
        int units = buffer.get(at + 1) & 0xff;
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> FRAGMENT_BYTES;
            case IpProtocol.AUTHENTICATION -> (units + 2) * 4; // RFC 4302 §2.2
            default -> (units + 1) * 8;
        };
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.AUTHENTICATION,
                    IpProtocol.DESTINATION_OPTIONS ->
                    true;
            default -> false;
        };
    }

    /** {@return bytes in front of the upper layer, extension headers included} */
    public int headerBytes() {
        return headerBytes;
    }

    public int totalLength() {
        return BYTES + (buffer.getShort(offset + PAYLOAD_LENGTH) & 0xffff);
    }

    /** {@return the upper layer's protocol} */
    public int protocol() {
        return protocol;
    }

    public boolean isFragment() {
        return fragment;
    }

    /** {@return whether a fragment is not the last} */
    public boolean hasMoreFragments() {
        return (buffer.getShort(fragmentAt + 2) & 1) != 0;
    }

    /** {@return where in its datagram a fragment's data belongs, in bytes} */
    public int fragmentOffset() {
        return buffer.getShort(fragmentAt + 2) & 0xfff8;
    }

    /** {@return what the fragments of a datagram have in common} */
    public int identification() {
        return buffer.getInt(fragmentAt + 4);
    }

    public int hopLimit() {
        return buffer.get(offset + HOP_LIMIT) & 0xff;
    }

    public long sourceHigh() {
        return buffer.getLong(offset + SOURCE);
    }

    public long sourceLow() {
        return buffer.getLong(offset + SOURCE + 8);
    }

    public long destinationHigh() {
        return buffer.getLong(offset + DESTINATION);
    }

    public long destinationLow() {
        return buffer.getLong(offset + DESTINATION + 8);
    }

    /** Writes the fixed header without its addresses. */
    public static void write(ByteBuffer out, int offset, int totalLength, int nextHeader) {
        out.putInt(offset, 0x6000_0000);
        out.putShort(offset + PAYLOAD_LENGTH, (short) (totalLength - BYTES));
        out.put(offset + NEXT_HEADER, (byte) nextHeader);
        out.put(offset + HOP_LIMIT, (byte) 64);
    }

    /**
     * Writes a fragment header (RFC 8200 §4.5).
     *
     * @param at where the fragment's data belongs in the datagram, a multiple of 8
     */
    public static void writeFragment(
            ByteBuffer out, int offset, int nextHeader, int identification, int at, boolean more) {
        out.putShort(offset, (short) (nextHeader << 8));
        out.putShort(offset + 2, (short) (at | (more ? 1 : 0)));
        out.putInt(offset + 4, identification);
    }

    /** Writes the source address; there is no checksum here, the upper layer's is not touched. */
    public static void writeSource(ByteBuffer out, int offset, long high, long low) {
        out.putLong(offset + SOURCE, high);
        out.putLong(offset + SOURCE + 8, low);
    }

    /** Writes the destination address; checksums as for {@link #writeSource}. */
    public static void writeDestination(ByteBuffer out, int offset, long high, long low) {
        out.putLong(offset + DESTINATION, high);
        out.putLong(offset + DESTINATION + 8, low);
    }
}
