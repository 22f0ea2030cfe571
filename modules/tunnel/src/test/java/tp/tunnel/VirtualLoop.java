package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of several event loops on one thread: each is only in its own while it has its turn. */
final class VirtualLoop extends AbstractScheduledEventExecutor implements EventLoop {

    private final VirtualWorld world;
    private final Clock clock;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Promise<Object> ended = new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);

    VirtualLoop(VirtualLoops parent, VirtualWorld world, long clockOffsetNs) {
        super(parent);
        this.world = world;
        clock = new Clock(world, clockOffsetNs);
    }

    private record Clock(VirtualWorld world, long offsetNs) implements Ticker {
        @Override
        public long initialNanoTime() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return world.nowNs() + offsetNs;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }
    }

    boolean isReady() {
        return !tasks.isEmpty() || nextTimerNs() <= world.nowNs();
    }

    /** {@return the world's time at which something is due here, or the end of all time} */
    long nextTimerNs() {
        long deadline = nextScheduledTaskDeadlineNanos();
        return deadline == -1 ? Long.MAX_VALUE : deadline - clock.offsetNs();
    }

    /** {@return whether there was something to run} */
    boolean runOne() {
        for (Runnable due = pollScheduledTask(clock.nanoTime());
                due != null;
                due = pollScheduledTask(clock.nanoTime())) {
            tasks.add(due);
        }
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            world.fail("on a loop: " + e);
        }
        return true;
    }

    void end() {
        ended.trySuccess("");
    }

    @Override
    public Ticker ticker() {
        return clock;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inEventLoop() {
        return equals(world.running());
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return inEventLoop();
    }

    @Override
    public EventLoopGroup parent() {
        return (EventLoopGroup) super.parent();
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    @Override
    public Future<?> terminationFuture() {
        return ended;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Deprecated
    @Override
    public void shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, @Nullable TimeUnit unit) {
        return false;
    }
}
