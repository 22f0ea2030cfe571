package tp.testkit.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tp.os.PacketDevice;
import tp.os.Tun;

/**
 * Two packet devices joined by a link: what one of them is given to send comes out of the other, as
 * the models allow. One thread per direction, which waits for packets and due times and never
 * polls.
 */
public final class EmulatedLink implements AutoCloseable {

    /** Enough for 1 Gbit/s over 100 ms in packets of 1,500 bytes, twice. */
    private static final int MAX_PACKETS = 16_384;

    private static final long CLOSE_MS = 5_000;

    private final Nat nat;
    private final Direction up;
    private final Direction down;

    private EmulatedLink(Direction up, Direction down, Nat nat) {
        this.up = up;
        this.down = down;
        this.nat = nat;
    }

    /**
     * Makes two TUN devices in this process's network namespace, with the MTU of 1,500 that they
     * begin with, and joins them. They may be moved to another namespace then: their packets still
     * come here.
     *
     * @param near the device behind the translator
     * @param seed the directions' chances are drawn from it
     * @throws IOException where this process may not make devices
     */
    public static EmulatedLink between(
            String near, String far, Nat nat, Conditions conditions, long seed) throws IOException {
        PacketDevice first = Tun.adopt(Tun.create(near));
        try {
            return join(first, Tun.adopt(Tun.create(far)), nat, conditions, seed);
        } catch (IOException e) {
            first.close();
            throw e;
        }
    }

    /** Joins two devices, which are this link's from now on. */
    static EmulatedLink join(
            PacketDevice near, PacketDevice far, Nat nat, Conditions conditions, long seed) {
        Direction up =
                new Direction(
                        near,
                        far,
                        new LinkModel(conditions, seed, near.mtu(), MAX_PACKETS),
                        nat::outward,
                        packet -> true);
        Direction down =
                new Direction(
                        far,
                        near,
                        new LinkModel(conditions, ~seed, far.mtu(), MAX_PACKETS),
                        packet -> {},
                        nat::inward);
        EmulatedLink link = new EmulatedLink(up, down, nat);
        up.start("link-up");
        down.start("link-down");
        return link;
    }

    /** Changes both directions. */
    public void change(Conditions conditions) {
        changeUp(conditions);
        changeDown(conditions);
    }

    /** Changes the direction from the near end to the far one. */
    public void changeUp(Conditions conditions) {
        up.change(conditions);
    }

    /** Changes the direction from the far end to the near one. */
    public void changeDown(Conditions conditions) {
        down.change(conditions);
    }

    /** {@return the translator at the near end} */
    public Nat nat() {
        return nat;
    }

    /** {@return what became of the packets from the near end} */
    public Counters up() {
        return up.counters();
    }

    /** {@return what became of the packets from the far end} */
    public Counters down() {
        return down.counters();
    }

    /** {@return why a direction has ended by itself: its device is gone} */
    public @Nullable IOException failure() {
        IOException first = up.failure;
        return first == null ? down.failure : first;
    }

    /** Ends both threads, and with them the devices. */
    @Override
    public void close() {
        up.end();
        down.end();
        up.from.close();
        down.from.close();
    }

    /** One thread, which reads one device and writes the other. */
    private static final class Direction {
        private final PacketDevice from;
        private final PacketDevice to;
        private final LinkModel model; // guarded by itself
        private final Consumer<ByteBuffer> enter;
        private final Predicate<ByteBuffer> leave;
        private final ByteBuffer[] read;
        private final ByteBuffer[] arrived;
        private @Nullable Thread thread;
        private volatile boolean over;
        private volatile @Nullable IOException failure;

        /**
         * @param enter sees packets as they come from the device
         * @param leave decides which of those that went through go to the other device
         */
        Direction(
                PacketDevice from,
                PacketDevice to,
                LinkModel model,
                Consumer<ByteBuffer> enter,
                Predicate<ByteBuffer> leave) {
            this.from = from;
            this.to = to;
            this.model = model;
            this.enter = enter;
            this.leave = leave;
            read = new ByteBuffer[from.batchSize()];
            for (int i = 0; i < read.length; i++) {
                read[i] = ByteBuffer.allocateDirect(from.headRoomBytes() + from.mtu());
            }
            arrived = new ByteBuffer[to.batchSize()];
        }

        void start(String name) {
            thread = Thread.ofPlatform().daemon().name(name).start(this::pump);
        }

        private void pump() {
            try {
                while (!over) {
                    long waitNs;
                    synchronized (model) {
                        waitNs = model.untilNextNs(System.nanoTime());
                    }
                    // Without packets due there is time to ask; otherwise the device is read
                    // anyway.
                    if (waitNs > 0) {
                        from.await(waitNs);
                    }
                    move(from.read(read));
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        private void move(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                enter.accept(read[i]);
            }
            int out;
            synchronized (model) {
                long nowNs = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    model.offer(read[i], nowNs);
                }
                out = model.take(arrived, nowNs);
            }
            int leaving = 0;
            for (int i = 0; i < out; i++) {
                if (leave.test(arrived[i])) {
                    arrived[leaving++] = arrived[i];
                }
            }
            to.write(arrived, leaving);
        }

        void change(Conditions conditions) {
            synchronized (model) {
                model.change(conditions, System.nanoTime());
            }
            from.wake();
        }

        Counters counters() {
            synchronized (model) {
                return model.counters();
            }
        }

        void end() {
            over = true;
            from.wake();
            Thread running = thread;
            try {
                if (running != null) {
                    running.join(CLOSE_MS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
