package tp.stack;

import java.nio.ByteBuffer;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;

/**
 * Sends packets of ours that are longer than the device's MTU as fragments (RFC 791 §3.2, RFC 8200
 * §4.5). There is one buffer: a fragment is good until the next one.
 */
final class Fragmenter {

    private final int mtu;
    private final StackEvents events;
    private final ByteBuffer fragment;

    /**
     * Counts up. Who could guess it can write into the device anyway (RFC 7739 is about others).
     */
    private int identification;

    Fragmenter(int mtu, StackEvents events) {
        this.mtu = mtu;
        this.events = events;
        fragment = ByteBuffer.allocateDirect(mtu);
    }

    boolean fits(ByteBuffer packet) {
        return packet.remaining() <= mtu;
    }

    /**
     * Sends a packet from the buffer's begin that has neither options nor extension headers.
     *
     * @param protocol of its upper layer
     */
    void transmit(ByteBuffer packet, boolean ipv4, int protocol) {
        int header = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        int headers = ipv4 ? header : header + Ipv6Header.FRAGMENT_BYTES;
        int data = packet.limit() - header;
        int most = (mtu - headers) & -8;
        identification++;
        fragment.clear().put(0, packet, 0, header);
        for (int at = 0; at < data; at += most) {
            int count = Math.min(most, data - at);
            fragment.limit(headers + count).put(headers, packet, header + at, count);
            writeFields(ipv4, protocol, at, at + count < data);
            events.transmit(fragment);
        }
    }

    private void writeFields(boolean ipv4, int protocol, int at, boolean more) {
        int total = fragment.limit();
        if (ipv4) {
            Ipv4Header.writeFragment(fragment, 0, total, identification, at, more);
        } else {
            Ipv6Header.write(fragment, 0, total, IpProtocol.FRAGMENT);
            Ipv6Header.writeFragment(
                    fragment, Ipv6Header.BYTES, protocol, identification, at, more);
        }
    }
}
