package tp.testkit.link;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tp.testkit.VirtualClock;

/** Sends numbered packets through a model in virtual time, and keeps what arrives. */
final class Passage {

    /** Which packet, and when it arrived after the beginning. */
    record Arrival(int number, long ns) {}

    private static final int MTU = 1500;

    final LinkModel model;
    final List<Arrival> arrivals = new ArrayList<>();
    private final VirtualClock clock = new VirtualClock();
    private final long startNs = clock.getAsLong();
    private final ByteBuffer[] arrived = new ByteBuffer[7];
    private int sent;

    Passage(String conditions, long seed) {
        this(conditions, seed, 100_000);
    }

    Passage(String conditions, long seed, int maxPackets) {
        model = new LinkModel(Conditions.parse(conditions), seed, MTU, maxPackets);
    }

    long nowNs() {
        return clock.getAsLong() - startNs;
    }

    /** Sends packets of that length, one each so many nanoseconds. */
    Passage send(int count, int bytes, long everyNs) {
        for (int i = 0; i < count; i++) {
            model.offer(packet(bytes, sent++), clock.getAsLong());
            pass(everyNs);
        }
        return this;
    }

    void change(String conditions) {
        model.change(Conditions.parse(conditions), clock.getAsLong());
    }

    /** Lets time pass as a runner would: from one event to the next. */
    Passage pass(long ns) {
        long endNs = clock.getAsLong() + ns;
        take();
        while (true) {
            long nextNs = model.untilNextNs(clock.getAsLong());
            long leftNs = endNs - clock.getAsLong();
            if (nextNs > leftNs) {
                clock.advance(java.time.Duration.ofNanos(leftNs));
                return this;
            }
            clock.advance(java.time.Duration.ofNanos(nextNs));
            take();
        }
    }

    Passage passMs(long ms) {
        return pass(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    private void take() {
        for (int count = -1; count != 0; ) {
            count = model.take(arrived, clock.getAsLong());
            for (int i = 0; i < count; i++) {
                ByteBuffer packet = arrived[i];
                int number = packet.getInt(packet.limit() - 4);
                arrivals.add(new Arrival(number, nowNs()));
            }
        }
    }

    List<Integer> numbers() {
        return arrivals.stream().map(Arrival::number).toList();
    }

    /** Bytes that are no IP packet, in the middle of a buffer, with a number at the end. */
    private static ByteBuffer packet(int bytes, int number) {
        return ByteBuffer.allocateDirect(bytes + 32)
                .position(16)
                .limit(16 + bytes)
                .putInt(16 + bytes - 4, number);
    }
}
