package tp.stack;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.Ipv6Header;

/**
 * Puts UDP datagrams and ICMP messages together that come in fragments (RFC 791 §3.2, RFC 8200
 * §4.5).
 *
 * <p>Where fragments overlap, the whole datagram is dropped, with those of its fragments that are
 * yet to come (RFC 5722 §4; for IPv4 the same, as RFC 8900 §3.7 would have it). That one comes
 * twice is no overlap.
 *
 * <p>Nobody is told of a datagram that stays incomplete: its sender is a local program whose kernel
 * lost the rest for want of room, and an ICMP message would come on top of that.
 */
final class Reassembly {

    /** Each may be held up by the loss of one packet, so many more than are sent at one time. */
    static final int MAX_DATAGRAMS = 256;

    /** Sixty datagrams of the largest size. */
    static final int MAX_BYTES = 4 << 20;

    /**
     * The shortest that RFC 791 §3.2 speaks of, and within the 60 s of RFC 8200 §4.5. The fragments
     * come from this host's own kernel, in one go: what is not here at once will not come, and the
     * sooner it is forgotten the less it meets a later datagram of the same identification (RFC
     * 4963 §2).
     */
    static final long LIFE_NS = 15_000_000_000L;

    /** How finely that is measured. */
    private static final long TICK_NS = 1_000_000_000L;

    private static final int MAX_LENGTH = 65_535;

    private final Counters counters;
    private final Consumer<ByteBuffer> complete;
    private final TupleTable keys = new TupleTable();
    private final FlowView key = new FlowView();
    private final FlowView scratch = new FlowView();
    private final IntRing freed = new IntRing();
    private int neverUsed;
    private int inFlight;
    private int bytes;
    private long lastTickNs;

    private final boolean[] used = new boolean[MAX_DATAGRAMS];
    private final long[] sinceNs = new long[MAX_DATAGRAMS];

    /** Null where the datagram was dropped and what comes of it still has to be. */
    private final @Nullable PartialDatagram[] partials = new PartialDatagram[MAX_DATAGRAMS];

    /** So that datagrams that come one after another allocate nothing. */
    private @Nullable PartialDatagram spare;

    /**
     * @param complete takes a whole packet, borrowed for the call
     */
    Reassembly(Counters counters, Consumer<ByteBuffer> complete) {
        this.counters = counters;
        this.complete = complete;
    }

    int inFlight() {
        return inFlight;
    }

    /** {@return what is held for datagrams in flight} */
    int bytes() {
        return bytes;
    }

    Verdict add(IpPacket ip, ByteBuffer packet, long nowNs) {
        if (!isWanted(ip)) {
            return drop(Counter.FRAGMENTS_UNWANTED);
        }
        int count = ip.transportBytes();
        if (count == 0 || (ip.hasMoreFragments() && count % 8 != 0)) {
            return drop(Counter.FRAGMENTS_MALFORMED);
        }
        int entry = entry(ip, nowNs);
        PartialDatagram partial = partials[entry];
        if (partial == null) {
            return drop(Counter.FRAGMENTS_LATE);
        }
        if (lengthOfAll(ip) > MAX_LENGTH) {
            return abandon(entry, Counter.REASSEMBLY_TOO_LONG);
        }
        reserve(entry, partial, ip.fragmentOffset() + count);
        PartialDatagram.Step step =
                partial.add(
                        ip.protocol(),
                        ip.fragmentOffset(),
                        packet,
                        ip.transportOffset(),
                        count,
                        ip.hasMoreFragments());
        return switch (step) {
            case ADDED -> Verdict.CONSUMED;
            case COMPLETED -> completed(entry, partial);
            case DUPLICATE -> drop(Counter.FRAGMENTS_DUPLICATE);
            case CONTRADICTION -> abandon(entry, Counter.REASSEMBLY_OVERLAP);
        };
    }

    /** UDP and the family's ICMP, in IPv6 also behind options. */
    private static boolean isWanted(IpPacket ip) {
        return switch (ip.protocol()) {
            case IpProtocol.UDP -> true;
            case IpProtocol.ICMP -> ip.isIpv4();
            case IpProtocol.ICMPV6, IpProtocol.DESTINATION_OPTIONS -> !ip.isIpv4();
            default -> false;
        };
    }

    /**
     * {@return the length of the datagram up to this fragment's end, as its header would say it}
     */
    private static int lengthOfAll(IpPacket ip) {
        int headers = ip.transportOffset() - ip.offset();
        int counted =
                ip.isIpv4() ? headers : headers - Ipv6Header.BYTES - Ipv6Header.FRAGMENT_BYTES;
        return counted + ip.fragmentOffset() + ip.transportBytes();
    }

    /** {@return the fragment's datagram, begun if need be} */
    private int entry(IpPacket ip, long nowNs) {
        key.set(ip, 0, 0);
        // RFC 8200 §4.5 leaves the protocol out, because it may differ between fragments.
        key.ports = ip.isIpv4() ? ip.protocol() << 16 | ip.identification() : ip.identification();
        int entry = keys.find(key);
        if (entry >= 0 && isOver(entry, nowNs)) {
            timeOut(entry);
            entry = -1;
        }
        return entry >= 0 ? entry : begin(ip.isIpv4(), nowNs);
    }

    private int begin(boolean ipv4, long nowNs) {
        if (inFlight == MAX_DATAGRAMS) {
            evict(-1);
        }
        if (inFlight++ == 0) {
            lastTickNs = nowNs;
        }
        int entry = freed.isEmpty() ? neverUsed++ : freed.remove();
        keys.add(entry, key);
        used[entry] = true;
        sinceNs[entry] = nowNs;
        PartialDatagram partial = spare == null ? new PartialDatagram() : spare;
        spare = null;
        partial.begin(ipv4);
        bytes += partial.bytes();
        partials[entry] = partial;
        return entry;
    }

    private void reserve(int entry, PartialDatagram partial, int end) {
        bytes -= partial.bytes();
        partial.reserve(end);
        bytes += partial.bytes();
        while (bytes > MAX_BYTES) {
            evict(entry);
        }
    }

    /** Drops the oldest but one: the rest of it is the least likely to come. */
    private void evict(int exempt) {
        int oldest = -1;
        for (int entry = 0; entry < neverUsed; entry++) {
            boolean eligible = used[entry] && entry != exempt;
            if (eligible && (oldest < 0 || sinceNs[entry] < sinceNs[oldest])) {
                oldest = entry;
            }
        }
        if (partials[oldest] != null) {
            counters.count(Counter.REASSEMBLY_EVICTED);
        }
        remove(oldest);
    }

    private Verdict completed(int entry, PartialDatagram partial) {
        // Its place is free before it is told, its memory not.
        bytes -= partial.bytes();
        partials[entry] = null;
        remove(entry);
        complete.accept(partial.whole(key));
        keep(partial);
        return Verdict.CONSUMED;
    }

    private Verdict abandon(int entry, Counter reason) {
        release(entry);
        return drop(reason);
    }

    private boolean isOver(int entry, long nowNs) {
        return nowNs - sinceNs[entry] >= LIFE_NS;
    }

    private void timeOut(int entry) {
        if (partials[entry] != null) {
            counters.count(Counter.REASSEMBLY_TIMED_OUT);
        }
        remove(entry);
    }

    private void remove(int entry) {
        release(entry);
        keys.remove(entry, scratch);
        used[entry] = false;
        freed.add(entry);
        inFlight--;
    }

    private void release(int entry) {
        PartialDatagram partial = partials[entry];
        if (partial != null) {
            bytes -= partial.bytes();
            partials[entry] = null;
            keep(partial);
        }
    }

    private void keep(PartialDatagram partial) {
        if (spare == null || spare.bytes() < partial.bytes()) {
            spare = partial;
        }
    }

    long nextTimeoutNs() {
        return inFlight == 0 ? Long.MAX_VALUE : lastTickNs + TICK_NS;
    }

    void onTimeout(long nowNs) {
        if (inFlight == 0 || nowNs - lastTickNs < TICK_NS) {
            return;
        }
        lastTickNs = nowNs;
        for (int entry = 0; entry < neverUsed; entry++) {
            if (used[entry] && isOver(entry, nowNs)) {
                timeOut(entry);
            }
        }
    }

    private Verdict drop(Counter reason) {
        counters.count(reason);
        return Verdict.DROPPED;
    }
}
