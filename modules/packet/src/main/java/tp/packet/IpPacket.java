package tp.packet;

import java.nio.ByteBuffer;

/** A view of a whole packet of either version, with addresses in the form of {@link IpAddress}. */
public final class IpPacket {

    /** What {@link #parse} found. */
    public enum Kind {
        /** A packet whose upper layer begins at {@link #transportOffset}. */
        WHOLE,
        /** A fragment; addresses are known, there may be no upper layer header in it. */
        FRAGMENT,
        /** Nothing that may be looked at further. */
        MALFORMED
    }

    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;
    private boolean isIpv4;
    private int headerBytes;
    private int totalLength;
    private int protocol;

    /** Points at nothing yet. */
    public IpPacket() {}

    /** Points the view at the packet between the buffer's position and limit. */
    public Kind parse(ByteBuffer packet) {
        buffer = packet;
        offset = packet.position();
        int length = packet.remaining();
        if (length < Ipv4Header.MIN_BYTES) {
            return Kind.MALFORMED;
        }
        isIpv4 = packet.get(offset) >> 4 == 4;
        return isIpv4 ? parseIpv4(length) : parseIpv6(length);
    }

    private Kind parseIpv4(int length) {
        if (!ipv4.wrap(buffer, offset, length)) {
            return Kind.MALFORMED;
        }
        headerBytes = ipv4.headerBytes();
        totalLength = ipv4.totalLength();
        protocol = ipv4.protocol();
        return ipv4.isFragment() ? Kind.FRAGMENT : Kind.WHOLE;
    }

    private Kind parseIpv6(int length) {
        if (!ipv6.wrap(buffer, offset, length)
                || IpAddress.isIpv4(ipv6.sourceHigh(), ipv6.sourceLow())
                || IpAddress.isIpv4(ipv6.destinationHigh(), ipv6.destinationLow())) {
            return Kind.MALFORMED;
        }
        headerBytes = ipv6.headerBytes();
        totalLength = ipv6.totalLength();
        protocol = ipv6.protocol();
        return ipv6.isFragment() ? Kind.FRAGMENT : Kind.WHOLE;
    }

    public boolean isIpv4() {
        return isIpv4;
    }

    public int offset() {
        return offset;
    }

    public int totalLength() {
        return totalLength;
    }

    /** {@return whether a fragment is not its datagram's last} */
    public boolean hasMoreFragments() {
        return isIpv4 ? ipv4.hasMoreFragments() : ipv6.hasMoreFragments();
    }

    /** {@return where in its datagram a fragment's data belongs, in bytes} */
    public int fragmentOffset() {
        return isIpv4 ? ipv4.fragmentOffset() : ipv6.fragmentOffset();
    }

    /** {@return a fragment's identification: 16 bits of IPv4, 32 of IPv6} */
    public int identification() {
        return isIpv4 ? ipv4.identification() : ipv6.identification();
    }

    /**
     * {@return the upper layer's protocol, {@link IpProtocol}; of an IPv6 fragment the header that
     * its datagram begins with}
     */
    public int protocol() {
        return protocol;
    }

    /** {@return where the upper layer begins, or a fragment's data} */
    public int transportOffset() {
        return offset + headerBytes;
    }

    public int transportBytes() {
        return totalLength - headerBytes;
    }

    public long sourceHigh() {
        return isIpv4 ? 0 : ipv6.sourceHigh();
    }

    public long sourceLow() {
        return isIpv4 ? IpAddress.ofIpv4(ipv4.source()) : ipv6.sourceLow();
    }

    public long destinationHigh() {
        return isIpv4 ? 0 : ipv6.destinationHigh();
    }

    public long destinationLow() {
        return isIpv4 ? IpAddress.ofIpv4(ipv4.destination()) : ipv6.destinationLow();
    }

    /** {@return unfolded sum of both addresses, as the pseudo-header has them} */
    public long addressSum() {
        return isIpv4
                ? Checksum.sum(buffer, offset + Ipv4Header.SOURCE, 8)
                : Checksum.sum(buffer, offset + Ipv6Header.SOURCE, 32);
    }

    /** {@return unfolded sum of the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1)} */
    public long pseudoHeaderSum() {
        return addressSum() + protocol + transportBytes();
    }

    /** Changes the source address; the new one is of the packet's own family. */
    public void source(long high, long low) {
        if (isIpv4) {
            ipv4.readdress((int) low, ipv4.destination());
        } else {
            Ipv6Header.writeSource(buffer, offset, high, low);
        }
    }

    /** Changes the destination address; the new one is of the packet's own family. */
    public void destination(long high, long low) {
        if (isIpv4) {
            ipv4.readdress(ipv4.source(), (int) low);
        } else {
            Ipv6Header.writeDestination(buffer, offset, high, low);
        }
    }
}
