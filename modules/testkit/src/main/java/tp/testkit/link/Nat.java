package tp.testkit.link;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import tp.packet.Checksum;
import tp.packet.IpAddress;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;

/**
 * A network address translator in front of one host: UDP and TCP, each of the host's ports seen
 * outside as one port of its own, whoever it speaks to (RFC 4787 §4.1, endpoint-independent
 * mapping). It begins without effect: address and ports are seen outside as they are, and anyone
 * may speak to the host. After a {@link #rebind} it has forgotten all its flows, as the router at
 * home does that was restarted: they are seen with other ports, perhaps from another address, and
 * what comes to an address and port without a flow is dropped.
 *
 * <p>Errors (ICMP) about rewritten packets are not translated: they do not reach the host.
 *
 * <p>Safe for use by several threads.
 */
public final class Nat {

    private static final int FIRST_PORT = 20_000;
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_CHECKSUM = 16;

    private final long insideHigh;
    private final long insideLow;
    private final IpPacket view = new IpPacket();
    private final Table tcp = new Table();
    private final Table udp = new Table();
    private long outsideHigh;
    private long outsideLow;
    private boolean transparent = true;
    private long refused;

    /**
     * @param inside the host's address; packets of the other family pass unchanged
     */
    public Nat(InetAddress inside) {
        insideHigh = IpAddress.high(inside);
        insideLow = IpAddress.low(inside);
        outsideHigh = insideHigh;
        outsideLow = insideLow;
    }

    /**
     * Forgets all flows. Those that go on are seen with a new port.
     *
     * @param outside from where they are seen now
     */
    public synchronized void rebind(InetAddress outside) {
        long high = IpAddress.high(outside);
        long low = IpAddress.low(outside);
        if (IpAddress.isIpv4(high, low) != IpAddress.isIpv4(insideHigh, insideLow)) {
            throw new IllegalArgumentException("another family: " + outside);
        }
        outsideHigh = high;
        outsideLow = low;
        transparent = false;
        tcp.forget();
        udp.forget();
    }

    /** {@return the address that the flows are seen with} */
    public synchronized InetAddress outside() {
        return IpAddress.toInetAddress(outsideHigh, outsideLow);
    }

    /** {@return packets that came to no flow} */
    public synchronized long refused() {
        return refused;
    }

    /** Rewrites a packet that leaves the host. */
    public synchronized void outward(ByteBuffer packet) {
        IpPacket.Kind kind = view.parse(packet);
        if (transparent
                || kind == IpPacket.Kind.MALFORMED
                || view.sourceHigh() != insideHigh
                || view.sourceLow() != insideLow) {
            return;
        }
        int portOffset = portOffset(kind, 0);
        long before = sum(packet, portOffset);
        view.source(outsideHigh, outsideLow);
        if (portOffset >= 0) {
            int inside = packet.getShort(portOffset) & 0xffff;
            packet.putShort(portOffset, (short) table().outside(inside));
            correct(packet, before, sum(packet, portOffset));
        }
    }

    /**
     * Rewrites a packet that comes to the host.
     *
     * @return whether it may
     */
    public synchronized boolean inward(ByteBuffer packet) {
        IpPacket.Kind kind = view.parse(packet);
        if (transparent || kind == IpPacket.Kind.MALFORMED) {
            return true;
        }
        if (view.destinationHigh() != outsideHigh || view.destinationLow() != outsideLow) {
            boolean isOldFlow = kind == IpPacket.Kind.WHOLE && portOffset(kind, 2) >= 0;
            refused += isOldFlow ? 1 : 0;
            return !isOldFlow;
        }
        int portOffset = portOffset(kind, 2);
        if (portOffset < 0) {
            view.destination(insideHigh, insideLow);
            return true;
        }
        int inside = table().inside(packet.getShort(portOffset) & 0xffff);
        if (inside == 0) {
            refused++;
            return false;
        }
        long before = sum(packet, portOffset);
        view.destination(insideHigh, insideLow);
        packet.putShort(portOffset, (short) inside);
        correct(packet, before, sum(packet, portOffset));
        return true;
    }

    private Table table() {
        return view.protocol() == IpProtocol.TCP ? tcp : udp;
    }

    /** {@return where the port is, -1 where there is none} */
    private int portOffset(IpPacket.Kind kind, int inHeader) {
        boolean hasPorts =
                switch (view.protocol()) {
                    case IpProtocol.TCP -> view.transportBytes() >= TcpHeader.MIN_BYTES;
                    case IpProtocol.UDP -> view.transportBytes() >= UdpHeader.BYTES;
                    default -> false;
                };
        return kind == IpPacket.Kind.WHOLE && hasPorts ? view.transportOffset() + inHeader : -1;
    }

    /** The sum of all that changes and that the checksum covers. */
    private long sum(ByteBuffer packet, int portOffset) {
        return portOffset < 0 ? 0 : view.addressSum() + (packet.getShort(portOffset) & 0xffff);
    }

    private void correct(ByteBuffer packet, long before, long after) {
        boolean isTcp = view.protocol() == IpProtocol.TCP;
        int at = view.transportOffset() + (isTcp ? TCP_CHECKSUM : UDP_CHECKSUM);
        int old = packet.getShort(at) & 0xffff;
        if (old == 0 && !isTcp) {
            // RFC 768: sent without a checksum.
            return;
        }
        int checksum = Checksum.update(old, before, after);
        packet.putShort(at, (short) (checksum == 0 && !isTcp ? 0xffff : checksum));
    }

    /** One protocol's flows; the ports that there are bound it. */
    private static final class Table {
        private final char[] outside = new char[0x10000];
        private final char[] inside = new char[0x10000];
        private int next = FIRST_PORT;

        void forget() {
            Arrays.fill(outside, (char) 0);
            Arrays.fill(inside, (char) 0);
        }

        int outside(int port) {
            if (outside[port] == 0) {
                // The oldest flow loses its port when they come round.
                next = next == 0xffff ? FIRST_PORT : next + 1;
                outside[inside[next]] = 0;
                outside[port] = (char) next;
                inside[next] = (char) port;
            }
            return outside[port];
        }

        int inside(int port) {
            return inside[port];
        }
    }
}
