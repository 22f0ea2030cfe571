package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a session's {@link Liveness}: sits in each of its streams, sees what comes and goes, and
 * has the peer asked in time. On the session's event loop.
 */
@ChannelHandler.Sharable
final class Pulse extends ChannelDuplexHandler {

    /** Whose pulse it is. */
    interface Owner {
        /**
         * Sends something that the peer answers at once.
         *
         * @param silenceMs for how long nothing was heard of it although something was sent
         */
        void ask(long silenceMs);

        /** The peer has not answered for a while; told each second until it does. */
        void doubtful();

        /** This machine was asleep: who knows what became of the link. */
        default void slept() {}

        /** The peer is given up. */
        void dead();
    }

    private final EventLoop loop;
    private final Owner owner;
    private final Liveness liveness;
    private final InstantSource wall;
    private final SleepWatch sleep;
    private @Nullable Future<?> nextLook;
    private boolean started;
    private boolean stopped;

    /** One whose machine does not sleep. */
    Pulse(EventLoop loop, Owner owner) {
        this(loop, owner, InstantSource.fixed(Instant.EPOCH));
    }

    /**
     * @param wall the clock that goes on while this machine sleeps
     */
    Pulse(EventLoop loop, Owner owner, InstantSource wall) {
        this.loop = loop;
        this.owner = owner;
        this.wall = wall;
        liveness = new Liveness(nowNs());
        sleep = new SleepWatch(nowNs(), wall.instant());
    }

    private long nowNs() {
        return loop.ticker().nanoTime();
    }

    /** From here on the peer is asked; whoever is not let in yet has a deadline of its own. */
    void start() {
        started = true;
        heard();
        schedule();
    }

    void stop() {
        stopped = true;
        Future<?> look = nextLook;
        if (look != null) {
            look.cancel(false);
        }
    }

    /** Sees what that stream's messages are made of. */
    void watch(Channel stream) {
        ChannelHandlerContext messages = stream.pipeline().context(MessageStream.class);
        if (messages != null) {
            stream.pipeline().addBefore(messages.name(), null, this);
        }
    }

    void heard() {
        liveness.heard(nowNs());
    }

    void sent() {
        if (liveness.sent(nowNs()) && started) {
            schedule();
        }
    }

    private void schedule() {
        Future<?> before = nextLook;
        if (before != null) {
            before.cancel(false);
        }
        if (!stopped) {
            long left = Math.max(0, liveness.nextLookNs() - nowNs());
            nextLook = loop.schedule(this::look, left, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        nextLook = null;
        if (sleep.slept(nowNs(), wall.instant())) {
            owner.ask(silenceMs());
            owner.slept();
        }
        switch (liveness.look(nowNs())) {
            case ALIVE -> {}
            case ASK -> owner.ask(silenceMs());
            case DOUBTFUL -> {
                owner.ask(silenceMs());
                owner.doubtful();
            }
            case DEAD -> {
                stop();
                owner.dead();
            }
        }
        if (nextLook == null) {
            schedule();
        }
    }

    private long silenceMs() {
        return TimeUnit.NANOSECONDS.toMillis(liveness.silenceNs(nowNs()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf) {
            heard();
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        sent();
        ctx.flush();
    }
}
