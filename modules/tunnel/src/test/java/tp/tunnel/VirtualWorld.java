package tp.tunnel;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Event loops, a network and programs in virtual time and on one thread: what runs next among all
 * that could is up to a seed, so that each interleaving can be had again.
 */
final class VirtualWorld implements Outside {

    private record Event(long atNs, long order, Runnable what) {}

    private static final RefusalLog REFUSALS = new RefusalLog(System::nanoTime);

    final SplittableRandom random;

    /** Whatever is not released is seen in its numbers. */
    final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true, true);

    final VirtualLoops laptop;
    final VirtualLoops manager;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNs).thenComparingLong(Event::order));
    private final List<VirtualLoop> loops = new ArrayList<>();
    private final List<VirtualLoop> ready = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long order;
    private long nowNs = TimeUnit.SECONDS.toNanos(1);
    private @Nullable VirtualLoop running;
    private BiConsumer<VirtualSocket, InetSocketAddress> network = (socket, to) -> socket.refused();

    /**
     * @param loopsEach of either side, whose clocks have nothing to do with each other
     */
    VirtualWorld(long seed, int loopsEach) {
        random = new SplittableRandom(seed);
        laptop = new VirtualLoops(this, loopsEach, random.nextLong(1L << 40));
        manager = new VirtualLoops(this, loopsEach, random.nextLong(1L << 40));
        laptop.forEach(loop -> loops.add((VirtualLoop) loop));
        manager.forEach(loop -> loops.add((VirtualLoop) loop));
    }

    long nowNs() {
        return nowNs;
    }

    @Nullable VirtualLoop running() {
        return running;
    }

    void later(long delayNs, Runnable what) {
        events.add(new Event(nowNs + delayNs, order++, what));
    }

    void laterMs(long delayMs, Runnable what) {
        later(TimeUnit.MILLISECONDS.toNanos(delayMs), what);
    }

    /** {@return whether that comes true now, which it does once in so many times} */
    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    void fail(String what) {
        failures.add("after " + TimeUnit.NANOSECONDS.toMillis(nowNs) + " ms: " + what);
    }

    List<String> failures() {
        return failures;
    }

    /** Runs something that is due, or lets time pass until something is. */
    boolean step() {
        ready.clear();
        for (VirtualLoop loop : loops) {
            if (loop.isReady()) {
                ready.add(loop);
            }
        }
        Event first = events.peek();
        boolean eventDue = first != null && first.atNs() <= nowNs;
        int choices = ready.size() + (eventDue ? 1 : 0);
        if (choices == 0) {
            return passTime(first);
        }
        int choice = random.nextInt(choices);
        if (choice < ready.size()) {
            runOn(ready.get(choice));
        } else {
            events.remove();
            java.util.Objects.requireNonNull(first).what().run();
        }
        return true;
    }

    private void runOn(VirtualLoop loop) {
        running = loop;
        try {
            for (int tasks = 1 + random.nextInt(4); tasks > 0 && loop.runOne(); tasks--) {
                // Some at a time, as a thread does before another one gets its turn.
            }
        } finally {
            running = null;
        }
    }

    private boolean passTime(@Nullable Event first) {
        long next = first == null ? Long.MAX_VALUE : first.atNs();
        for (VirtualLoop loop : loops) {
            next = Math.min(next, loop.nextTimerNs());
        }
        if (next == Long.MAX_VALUE) {
            return false;
        }
        nowNs = Math.max(nowNs, next);
        return true;
    }

    /** Who is asked answers at once, after a while, or late. */
    @Override
    public void ask(String name, Runnable question) {
        later(
                oneIn(5)
                        ? TimeUnit.MILLISECONDS.toNanos(between(50, 1_500))
                        : between(0, 3_000_000),
                question);
    }

    /** Said once for all worlds, which are many. */
    @Override
    public RefusalLog refusals() {
        return REFUSALS;
    }

    void network(BiConsumer<VirtualSocket, InetSocketAddress> services) {
        network = services;
    }

    @Override
    public ChannelFactory<? extends SocketChannel> sockets(EventLoop loop) {
        return () -> new VirtualSocket(this, network);
    }

    /** Everything is over: nothing of a world stays in tables of Netty. */
    void end() {
        loops.forEach(VirtualLoop::end);
    }
}
