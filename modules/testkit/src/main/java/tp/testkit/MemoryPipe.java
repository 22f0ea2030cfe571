package tp.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Two blocking channels, joined in memory. A write blocks while the bytes that the other end has
 * not read fill the capacity; closing an end lets the other read what is there and then the end of
 * the stream; a break is an exception at both ends at once.
 */
public final class MemoryPipe {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final End left;
    private final End right;
    private boolean broken; // guarded by lock

    public MemoryPipe(int capacityBytes) {
        var toRight = new Ring(capacityBytes);
        var toLeft = new Ring(capacityBytes);
        left = new End(toLeft, toRight);
        right = new End(toRight, toLeft);
    }

    public ByteChannel left() {
        return left;
    }

    public ByteChannel right() {
        return right;
    }

    /** Both ends fail from now on, as after the loss of a connection; unread bytes are gone. */
    public void breakDown() {
        lock.lock();
        try {
            broken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of one direction. Guarded by the pipe's lock. */
    private static final class Ring {
        private final byte[] bytes;
        private int head;
        private int size;
        private boolean writerClosed;
        private boolean readerClosed;

        Ring(int capacityBytes) {
            bytes = new byte[capacityBytes];
        }

        int take(ByteBuffer target) {
            int count = Math.min(target.remaining(), size);
            int first = Math.min(count, bytes.length - head);
            target.put(bytes, head, first).put(bytes, 0, count - first);
            head = (head + count) % bytes.length;
            size -= count;
            return count;
        }

        void fill(ByteBuffer source) {
            while (source.hasRemaining() && size < bytes.length) {
                int tail = (head + size) % bytes.length;
                int room = tail < head ? head - tail : bytes.length - tail;
                int count = Math.min(source.remaining(), room);
                source.get(bytes, tail, count);
                size += count;
            }
        }
    }

    private final class End implements ByteChannel {
        private final Ring in;
        private final Ring out;
        private boolean closed; // guarded by lock

        End(Ring in, Ring out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            lock.lock();
            try {
                checkOpen(new ClosedChannelException());
                while (in.size == 0 && !in.writerClosed && target.hasRemaining()) {
                    changed.awaitUninterruptibly();
                    checkOpen(new AsynchronousCloseException());
                }
                return in.size == 0 && in.writerClosed ? -1 : in.take(target);
            } finally {
                changed.signalAll();
                lock.unlock();
            }
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int before = source.remaining();
            lock.lock();
            try {
                checkOpen(new ClosedChannelException());
                while (source.hasRemaining()) {
                    if (out.readerClosed) {
                        throw new IOException("the other end is closed");
                    }
                    out.fill(source);
                    changed.signalAll();
                    if (source.hasRemaining()) {
                        changed.awaitUninterruptibly();
                        checkOpen(new AsynchronousCloseException());
                    }
                }
                return before;
            } finally {
                lock.unlock();
            }
        }

        // Must hold the lock.
        private void checkOpen(ClosedChannelException whenClosed) throws IOException {
            if (closed) {
                throw whenClosed;
            }
            if (broken) {
                throw new IOException("connection lost");
            }
        }

        @Override
        public boolean isOpen() {
            lock.lock();
            try {
                return !closed;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                out.writerClosed = true;
                in.readerClosed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
