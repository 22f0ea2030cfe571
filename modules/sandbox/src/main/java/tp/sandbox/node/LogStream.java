package tp.sandbox.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A container's log as a stream. Reading blocks while the log is followed; closing from another
 * thread takes effect with the next line.
 */
final class LogStream extends InputStream {

    private final BoundedLog log;
    private final boolean follow;
    private final boolean timestamps;
    private long number;
    private byte[] current = {};
    private int position;
    private volatile boolean closed;

    LogStream(BoundedLog log, long from, boolean follow, boolean timestamps) {
        this.log = log;
        this.number = from;
        this.follow = follow;
        this.timestamps = timestamps;
    }

    @Override
    public int read() throws IOException {
        return fill() ? current[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, to, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return current.length - position;
    }

    @Override
    public void close() {
        closed = true;
    }

    private boolean fill() throws IOException {
        if (position < current.length) {
            return true;
        }
        try {
            Optional<BoundedLog.Line> line = log.line(number, follow);
            if (line.isEmpty() || closed) {
                return false;
            }
            number = line.get().number() + 1;
            current = withTime(line.get());
            position = 0;
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while following a log");
        }
    }

    private byte[] withTime(BoundedLog.Line line) {
        byte[] time = timestamps ? (line.time() + " ").getBytes(US_ASCII) : new byte[0];
        byte[] whole = Arrays.copyOf(time, time.length + line.text().capacity());
        line.text().duplicate().get(whole, time.length, line.text().capacity());
        return whole;
    }
}
