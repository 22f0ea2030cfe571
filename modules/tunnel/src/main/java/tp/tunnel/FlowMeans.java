package tp.tunnel;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import tp.tunnel.Message.Ping;
import tp.tunnel.Message.Pong;

/**
 * What the flows of a session share.
 *
 * @param window what they may have under way together
 * @param acks says what has come in little pieces
 * @param time that of the event loop
 */
record FlowMeans(Counters counters, LinkWindow window, LateAcks acks, Ticker time) {

    /**
     * @param marker sends a heartbeat with that number
     */
    FlowMeans(Counters counters, LongConsumer marker, EventLoop loop) {
        this(counters, new LinkWindow(new OnLoop(marker, loop)), new LateAcks(loop), loop.ticker());
    }

    private record OnLoop(LongConsumer marker, EventLoop loop) implements LinkWindow.Means {
        @Override
        public long nowNs() {
            return loop.ticker().nanoTime();
        }

        @Override
        public void mark(long number) {
            marker.accept(number);
        }

        @Override
        public void later(long delayNs, Runnable what) {
            loop.schedule(what, delayNs, TimeUnit.NANOSECONDS);
        }
    }

    /** {@return the answer to a heartbeat that came now} */
    Pong answer(Ping ping) {
        return new Pong(ping.number(), time.nanoTime(), counters.bytesReceived.sum());
    }

    /** A heartbeat came back. */
    void answered(Pong pong) {
        counters.roundTripNs.set(time.nanoTime() - pong.number());
        window.heartbeat(pong.number(), pong.receivedNs(), pong.receivedBytes());
    }
}
