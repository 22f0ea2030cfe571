package tp.connector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets 64 KiB through in each direction within a round trip of 20 ms, as a port that is forwarded
 * by an API server does: 26 Mbit/s, however wide the network is.
 */
final class NarrowPipe implements ByteChannel {

    private static final int WINDOW_BYTES = 64 << 10;
    private static final long ROUND_TRIP_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ByteChannel wide;
    private final Allowance in = new Allowance();
    private final Allowance out = new Allowance();

    NarrowPipe(ByteChannel wide) {
        this.wide = wide;
    }

    /** What is left of the current round trip; one thread's. */
    private static final class Allowance {
        private long beginNs = System.nanoTime();
        private int left = WINDOW_BYTES;

        int await() {
            while (left == 0) {
                long restNs = beginNs + ROUND_TRIP_NS - System.nanoTime();
                if (restNs > 0) {
                    LockSupport.parkNanos(this, restNs);
                } else {
                    left = WINDOW_BYTES;
                    beginNs = Math.max(beginNs + ROUND_TRIP_NS, System.nanoTime() - ROUND_TRIP_NS);
                }
            }
            return left;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + Math.min(target.remaining(), in.await()));
        try {
            int count = wide.read(target);
            in.left -= Math.max(0, count);
            return count;
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int before = source.remaining();
        while (source.hasRemaining()) {
            ByteBuffer part =
                    source.slice(source.position(), Math.min(source.remaining(), out.await()));
            int count = wide.write(part);
            out.left -= count;
            source.position(source.position() + count);
        }
        return before;
    }

    @Override
    public boolean isOpen() {
        return wide.isOpen();
    }

    @Override
    public void close() throws IOException {
        wide.close();
    }
}
