package tp.testkit.link;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tp.packet.IpPacket;

/**
 * One direction of a link, in the caller's time: packets are transmitted one after the other at the
 * line's rate out of a bounded queue, and then travel. Chance is seeded: the same packets at the
 * same times meet the same fate. Not for several threads at once; does not allocate once it has
 * held as many packets as it is going to.
 */
public final class LinkModel {

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final int maxPacketBytes;
    private final int maxPackets;
    private final SplittableRandom random;
    private final IpPacket view = new IpPacket();

    private final ArrayDeque<Slot> free = new ArrayDeque<>();
    private final ArrayDeque<Slot> waiting = new ArrayDeque<>();
    private final PriorityQueue<Slot> travelling = new PriorityQueue<>();
    private final ArrayDeque<Slot> handedOut = new ArrayDeque<>();
    private int slots;

    private Conditions conditions;

    /** Bytes in {@link #waiting} behind its head, which is in transmission. */
    private long queuedBytes;

    private long transmittedNs;
    private long lastDueNs;
    private boolean anyDue;
    private long nextNumber;

    private long offered;
    private long delivered;
    private long deliveredBytes;
    private long lost;
    private long ruled;
    private long queueFull;
    private long unreachable;
    private long overflowed;
    private long duplicated;
    private long reordered;

    /**
     * @param maxPacketBytes longer ones do not fit through
     * @param maxPackets the most that are kept at any time, in the queue and under way
     */
    public LinkModel(Conditions conditions, long seed, int maxPacketBytes, int maxPackets) {
        this.conditions = conditions;
        this.maxPacketBytes = maxPacketBytes;
        this.maxPackets = maxPackets;
        random = new SplittableRandom(seed);
    }

    public Conditions conditions() {
        return conditions;
    }

    /** Changes the conditions. Packets that were transmitted arrive as they would have. */
    public void change(Conditions next, long nowNs) {
        advance(nowNs);
        long left = waiting.isEmpty() ? 0 : transmittedNs - nowNs;
        long before = conditions.line().bitsPerSecond();
        conditions = next;
        if (next.state() == Conditions.State.CUT) {
            unreachable += waiting.size() + travelling.size();
            release(waiting);
            while (!travelling.isEmpty()) {
                free.push(travelling.remove());
            }
            queuedBytes = 0;
        } else if (!waiting.isEmpty()) {
            // What is left of the packet in transmission goes on at the new rate.
            long after = next.line().bitsPerSecond();
            transmittedNs = nowNs + (after == 0 ? 0 : Math.round(left * ((double) before / after)));
        }
    }

    private void release(ArrayDeque<Slot> from) {
        while (!from.isEmpty()) {
            free.push(from.remove());
        }
    }

    /** Takes a copy of the packet between position and limit. */
    public void offer(ByteBuffer packet, long nowNs) {
        advance(nowNs);
        offered++;
        if (conditions.state() != Conditions.State.OPEN) {
            unreachable++;
        } else if (isRuledOut(packet)) {
            ruled++;
        } else if (happens(conditions.chances().loss())) {
            lost++;
        } else {
            enqueue(packet, nowNs);
            if (happens(conditions.chances().duplication())) {
                duplicated++;
                enqueue(packet, nowNs);
            }
        }
        advance(nowNs);
    }

    private boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private boolean isRuledOut(ByteBuffer packet) {
        if (conditions.rules().isEmpty()) {
            return false;
        }
        IpPacket.Kind kind = view.parse(packet);
        if (kind == IpPacket.Kind.MALFORMED) {
            return false;
        }
        boolean hasPorts = kind == IpPacket.Kind.WHOLE && view.transportBytes() >= 4;
        int ports = hasPorts ? packet.getInt(view.transportOffset()) : 0;
        for (int i = 0; i < conditions.rules().size(); i++) {
            if (conditions.rules().get(i).drops(view.protocol(), ports, view.totalLength())) {
                return true;
            }
        }
        return false;
    }

    private void enqueue(ByteBuffer packet, long nowNs) {
        int bytes = packet.remaining();
        Conditions.Line line = conditions.line();
        boolean isBusy = !waiting.isEmpty();
        if (isBusy && line.bitsPerSecond() > 0 && queuedBytes + bytes > line.queueBytes()) {
            queueFull++;
            return;
        }
        Slot slot = slot(bytes);
        if (slot == null) {
            overflowed++;
            return;
        }
        slot.packet.clear().limit(bytes).put(0, packet, packet.position(), bytes);
        waiting.add(slot);
        if (isBusy) {
            queuedBytes += bytes;
        } else {
            transmittedNs = nowNs + transmissionNs(bytes);
        }
    }

    private @Nullable Slot slot(int bytes) {
        if (bytes > maxPacketBytes) {
            return null;
        }
        Slot slot = free.poll();
        if (slot == null && slots < maxPackets) {
            slots++;
            slot = new Slot(ByteBuffer.allocateDirect(maxPacketBytes));
        }
        return slot;
    }

    private long transmissionNs(int bytes) {
        long rate = conditions.line().bitsPerSecond();
        return rate == 0 ? 0 : (bytes * 8L * NS_PER_SECOND + rate / 2) / rate;
    }

    /** Ends the transmissions that are over by now. */
    private void advance(long nowNs) {
        while (!waiting.isEmpty() && transmittedNs - nowNs <= 0) {
            travel(waiting.remove());
            Slot next = waiting.peek();
            if (next != null) {
                int bytes = next.packet.remaining();
                queuedBytes -= bytes;
                transmittedNs += transmissionNs(bytes);
            }
        }
    }

    private void travel(Slot slot) {
        long dueNs = transmittedNs + conditions.delayNs();
        if (conditions.jitterNs() > 0) {
            dueNs += random.nextLong(conditions.jitterNs() + 1);
        }
        if (happens(conditions.chances().reordering())) {
            reordered++;
            dueNs += conditions.chances().heldBackNs();
        } else {
            // Jitter and shorter delays reorder nothing by themselves.
            dueNs = anyDue && dueNs - lastDueNs < 0 ? lastDueNs : dueNs;
            lastDueNs = dueNs;
            anyDue = true;
        }
        slot.dueNs = dueNs;
        slot.number = nextNumber++;
        travelling.add(slot);
    }

    /** {@return how long until {@link #take} has something, {@link Long#MAX_VALUE} for ever} */
    public long untilNextNs(long nowNs) {
        long arrival = travelling.isEmpty() ? Long.MAX_VALUE : travelling.element().dueNs - nowNs;
        // What is in transmission arrives no earlier.
        long transmission =
                waiting.isEmpty() ? Long.MAX_VALUE : transmittedNs + conditions.delayNs() - nowNs;
        return Math.max(0, Math.min(arrival, transmission));
    }

    /** {@return the packets that are kept at the moment} */
    public int inFlight() {
        return waiting.size() + travelling.size();
    }

    /**
     * Takes the packets that have arrived by now, in order of arrival.
     *
     * @param arrived is filled from index 0 with buffers that are the caller's until the next call
     * @return how many
     */
    public int take(ByteBuffer[] arrived, long nowNs) {
        advance(nowNs);
        release(handedOut);
        int count = 0;
        while (count < arrived.length
                && !travelling.isEmpty()
                && travelling.element().dueNs - nowNs <= 0) {
            Slot slot = travelling.remove();
            handedOut.add(slot);
            arrived[count++] = slot.packet;
            deliveredBytes += slot.packet.limit();
        }
        delivered += count;
        return count;
    }

    public Counters counters() {
        return new Counters(
                offered,
                delivered,
                deliveredBytes,
                lost,
                ruled,
                queueFull,
                unreachable,
                overflowed,
                duplicated,
                reordered);
    }

    /** Room for a packet; times are compared by their difference, as nanoTime wants it. */
    private static final class Slot implements Comparable<Slot> {
        final ByteBuffer packet;
        long dueNs;
        long number;

        Slot(ByteBuffer packet) {
            this.packet = packet;
        }

        @Override
        public int compareTo(Slot other) {
            long earlier = dueNs - other.dueNs;
            return earlier != 0 ? Long.signum(earlier) : Long.compare(number, other.number);
        }
    }
}
