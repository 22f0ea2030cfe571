package tp.tunnel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of a certain rate and delay with endless queues, and flows that send through it in both
 * directions, each under one {@link LinkWindow}; all in virtual time.
 */
final class SimulatedLink {

    private static final long ACK_DELAY_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int ACK_THRESHOLD_BYTES = 32 * 1024;
    private static final int MESSAGE_BYTES = 80;

    private record Event(long atNs, long order, Runnable what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNs).thenComparingLong(Event::order));
    private long order;
    private long nowNs = 1;
    private double bytesPerSecond;
    private long delayNs;

    final Direction up;
    final Direction down;

    SimulatedLink(double megabitsPerSecond, long delayMs) {
        rate(megabitsPerSecond);
        delay(delayMs);
        up = new Direction(0);
        down = new Direction(-7_000_000_000L);
        up.back = down;
        down.back = up;
        // A session begins with a heartbeat.
        up.mark(up.nowNs());
        down.mark(down.nowNs());
        run(2 * delayMs + 10);
    }

    void rate(double megabitsPerSecond) {
        bytesPerSecond = megabitsPerSecond * 1e6 / 8;
    }

    /** Of one direction. */
    void delay(long ms) {
        delayNs = TimeUnit.MILLISECONDS.toNanos(ms);
    }

    void after(long ms, Runnable what) {
        at(nowNs + TimeUnit.MILLISECONDS.toNanos(ms), what);
    }

    private void at(long atNs, Runnable what) {
        events.add(new Event(atNs, order++, what));
    }

    /** Runs for so long, looking each millisecond for how long something new would wait. */
    void run(long ms) {
        long endNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
        up.start();
        down.start();
        for (long look = 1; look <= ms; look++) {
            after(look, up::look);
            after(look, down::look);
        }
        for (Event next = events.peek(); next != null && next.atNs() <= endNs; ) {
            events.remove();
            nowNs = next.atNs();
            next.what().run();
            next = events.peek();
        }
        nowNs = endNs;
    }

    /** One direction, and the end that sends into it. */
    final class Direction implements LinkWindow.Means {
        private final List<Long> queuesNs = new ArrayList<>();
        private final long clockNs;
        private @Nullable Direction back;
        private long busyUntilNs;
        private long arrivedInRun;

        /** At the far end. */
        private long arrived;

        final LinkWindow window;

        /**
         * @param clockNs how much the sender's clock is ahead
         */
        private Direction(long clockNs) {
            this.clockNs = clockNs;
            window = new LinkWindow(this);
        }

        @Override
        public long nowNs() {
            return nowNs + clockNs;
        }

        @Override
        public void later(long delayNs, Runnable what) {
            at(nowNs + delayNs, what);
        }

        private Direction back() {
            if (back == null) {
                throw new IllegalStateException();
            }
            return back;
        }

        private void start() {
            queuesNs.clear();
            arrivedInRun = 0;
        }

        private void look() {
            queuesNs.add(Math.max(0, busyUntilNs - nowNs));
        }

        @Override
        public void mark(long number) {
            transmit(
                    MESSAGE_BYTES,
                    () -> {
                        long farNs = nowNs + back().clockNs;
                        long farBytes = arrived;
                        back().transmit(
                                        MESSAGE_BYTES,
                                        () -> window.heartbeat(number, farNs, farBytes));
                    });
        }

        private void transmit(int bytes, Runnable arrival) {
            busyUntilNs =
                    Math.max(nowNs, busyUntilNs)
                            + (long) (bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
            at(busyUntilNs + delayNs, arrival);
        }

        /** {@return how long what came new waited in the last run, in ms} */
        double queueMs(double quantile) {
            List<Long> sorted = queuesNs.stream().sorted().toList();
            return sorted.get((int) Math.min(sorted.size() - 1, quantile * sorted.size())) / 1e6;
        }

        /** {@return what arrived in the last run, of what the link could have carried then} */
        double share() {
            return arrivedInRun / (bytesPerSecond * queuesNs.size() / 1e3);
        }

        Sender flow(long bytes) {
            return new Sender(this, bytes);
        }
    }

    /** Has so many bytes to send, at once. */
    final class Sender implements LinkWindow.Sender {
        private final Direction way;
        private final LinkWindow.Share share;
        private final long startNs = nowNs;
        private long left;
        private long sent;
        private long received;
        private long acknowledged;
        private boolean ackScheduled;
        private @Nullable Long doneNs;

        private Sender(Direction way, long bytes) {
            this.way = way;
            share = way.window.share(this);
            left = bytes;
            turn();
        }

        @Override
        public void turn() {
            while (left > 0) {
                int granted = share.grant((int) Math.min(left, Flow.READ_BYTES));
                if (granted == 0) {
                    return;
                }
                left -= granted;
                sent += granted;
                way.transmit(granted, () -> arrive(granted));
            }
        }

        private void arrive(int bytes) {
            way.arrivedInRun += bytes;
            way.arrived += bytes;
            received += bytes;
            if (received - acknowledged > ACK_THRESHOLD_BYTES) {
                acknowledge();
            } else if (!ackScheduled) {
                ackScheduled = true;
                at(
                        nowNs + ACK_DELAY_NS,
                        () -> {
                            ackScheduled = false;
                            acknowledge();
                        });
            }
        }

        private void acknowledge() {
            acknowledged = received;
            long offset = received;
            way.back().transmit(MESSAGE_BYTES, () -> acknowledged(offset));
        }

        private void acknowledged(long offset) {
            share.acknowledged(offset);
            if (left == 0 && offset == sent && doneNs == null) {
                doneNs = nowNs;
            }
        }

        void end() {
            left = 0;
            share.end();
        }

        boolean done() {
            return doneNs != null;
        }

        double tookMs() {
            return doneNs == null ? Double.NaN : (doneNs - startNs) / 1e6;
        }
    }
}
