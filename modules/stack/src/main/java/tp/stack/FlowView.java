package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import tp.packet.IpAddress;
import tp.packet.IpPacket;

/**
 * The two ends of a flow as a flyweight, as seen from the application: source is its end. Handed
 * out by the stack it is borrowed for the call; {@link #copy} or {@link #toKey} what must stay.
 */
public final class FlowView {

    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;

    /** Source port in the upper half, as in the header. */
    int ports;

    FlowView() {}

    /** {@return a view of its own for a key} Both ends are of one family. */
    public static FlowView of(FlowKey key) {
        FlowView view = new FlowView();
        InetAddress source = key.source().getAddress();
        InetAddress destination = key.destination().getAddress();
        view.sourceHigh = IpAddress.high(source);
        view.sourceLow = IpAddress.low(source);
        view.destinationHigh = IpAddress.high(destination);
        view.destinationLow = IpAddress.low(destination);
        view.ports = key.source().getPort() << 16 | key.destination().getPort();
        return view;
    }

    public FlowView copy() {
        FlowView copy = new FlowView();
        copy.sourceHigh = sourceHigh;
        copy.sourceLow = sourceLow;
        copy.destinationHigh = destinationHigh;
        copy.destinationLow = destinationLow;
        copy.ports = ports;
        return copy;
    }

    void set(IpPacket ip, int sourcePort, int destinationPort) {
        sourceHigh = ip.sourceHigh();
        sourceLow = ip.sourceLow();
        destinationHigh = ip.destinationHigh();
        destinationLow = ip.destinationLow();
        ports = sourcePort << 16 | destinationPort;
    }

    public boolean isIpv4() {
        return IpAddress.isIpv4(destinationHigh, destinationLow);
    }

    /** {@return the application's port, or the identifier of its echo requests} */
    public int sourcePort() {
        return ports >>> 16;
    }

    public int destinationPort() {
        return ports & 0xffff;
    }

    /** {@return whether the destination is this address} Allocates nothing. */
    public boolean isTo(long high, long low) {
        return destinationLow == low && destinationHigh == high;
    }

    public FlowKey toKey() {
        return new FlowKey(
                new InetSocketAddress(IpAddress.toInetAddress(sourceHigh, sourceLow), sourcePort()),
                new InetSocketAddress(
                        IpAddress.toInetAddress(destinationHigh, destinationLow),
                        destinationPort()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlowView view
                && view.sourceHigh == sourceHigh
                && view.sourceLow == sourceLow
                && view.destinationHigh == destinationHigh
                && view.destinationLow == destinationLow
                && view.ports == ports;
    }

    @Override
    public int hashCode() {
        long hash = sourceLow * 0x9e37_79b9_7f4a_7c15L;
        hash = (hash ^ (hash >>> 29) ^ sourceHigh) * 0xbf58_476d_1ce4_e5b9L;
        hash = (hash ^ (hash >>> 32) ^ destinationLow) * 0x94d0_49bb_1331_11ebL;
        hash = (hash ^ (hash >>> 29) ^ destinationHigh) * 0xbf58_476d_1ce4_e5b9L;
        hash = (hash ^ (hash >>> 32) ^ ports) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (hash >>> 32);
    }

    @Override
    public String toString() {
        return toKey().toString();
    }
}
