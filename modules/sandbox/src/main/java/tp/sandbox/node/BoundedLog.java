package tp.sandbox.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The last lines that a container wrote, each with its time; older ones are dropped. Safe for many
 * threads.
 */
final class BoundedLog {

    private static final int MAX_BYTES = 256 * 1024;

    /** Longer lines are cut into several, as container runtimes do. */
    private static final int MAX_LINE = 16 * 1024;

    /**
     * One line.
     *
     * @param number the first line of the log is number 0
     * @param text read-only, with the line feed unless the line was cut
     */
    record Line(long number, Instant time, ByteBuffer text) {}

    private final Clock clock;
    private final Deque<Line> lines = new ArrayDeque<>();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private long next;
    private int bytes;
    private boolean ended;

    BoundedLog(Clock clock) {
        this.clock = clock;
    }

    /** Takes everything from a stream until it ends, which is the end of the log too. */
    void copyFrom(InputStream in) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                append(buffer, read);
            }
        } catch (IOException e) {
            // The process has ended and its pipe with it.
            append(buffer, 0);
        }
        end();
    }

    synchronized void append(byte[] from, int length) {
        for (int i = 0; i < length; i++) {
            pending.write(from[i]);
            if (from[i] == '\n' || pending.size() >= MAX_LINE) {
                finishLine();
            }
        }
        notifyAll();
    }

    synchronized void end() {
        if (pending.size() > 0) {
            finishLine();
        }
        ended = true;
        notifyAll();
    }

    /** {@return the number of the first kept line that is not older} */
    synchronized long since(Instant time) {
        return lines.stream()
                .filter(line -> !line.time().isBefore(time))
                .mapToLong(Line::number)
                .findFirst()
                .orElse(next);
    }

    /** {@return the number of the line from which on there are at most {@code count} lines} */
    synchronized long tail(int count) {
        return count < 0 ? 0 : Math.max(0, next - count);
    }

    /**
     * {@return the first kept line with this number or a later one; none at the end of the log}
     *
     * @param wait whether to wait for a line that is yet to be written
     */
    synchronized Optional<Line> line(long number, boolean wait) throws InterruptedException {
        while (number >= next && wait && !ended) {
            wait();
        }
        return lines.stream().filter(line -> line.number() >= number).findFirst();
    }

    /** {@return the last bytes as text} */
    synchronized String end(int maxBytes) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(StandardCharsets.UTF_8.decode(line.text().duplicate())));
        return text.substring(Math.max(0, text.length() - maxBytes));
    }

    private void finishLine() {
        ByteBuffer text = ByteBuffer.wrap(pending.toByteArray()).asReadOnlyBuffer();
        pending.reset();
        lines.add(new Line(next++, clock.instant(), text));
        bytes += text.capacity();
        while (bytes > MAX_BYTES) {
            bytes -= lines.remove().text().capacity();
        }
    }
}
