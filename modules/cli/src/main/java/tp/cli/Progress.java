package tp.cli;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import tp.control.Reply;

/**
 * Says what goes on: a line for each step, and on a terminal how long the present one has taken, as
 * soon as that is a second. Ends with {@link #close}, from when on the terminal is somebody else's.
 */
final class Progress implements AutoCloseable {

    private static final long TICK_NS = MILLISECONDS.toNanos(200);

    /** A longer line would wrap, and only its last row be written again. */
    private static final int MOST_COLUMNS = 70;

    /** ECMA-48 §8.3.41 (EL): erases what is right of the cursor. */
    private static final String ERASE = "\u001b[K";

    private final PrintStream stream;
    private final Look look;
    private final LongSupplier nanoClock;

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition closing = lock.newCondition();
    private String line = "";

    /** Whether nothing is said of the step unless it takes long, and nothing is left of it. */
    private boolean passing;

    private long beganNs;
    private long toldSeconds;

    /** Whether the cursor is behind a line that may be written again. */
    private boolean open;

    private boolean closed;

    Progress(PrintStream stream, Look look, LongSupplier nanoClock) {
        this.stream = stream;
        this.look = look;
        this.nanoClock = nanoClock;
    }

    /** {@return progress that also tells the time} */
    static Progress on(PrintStream stream, Look look) {
        Progress progress = new Progress(stream, look, System::nanoTime);
        if (look != Look.PLAIN) {
            Thread.ofPlatform().daemon().name("progress").start(progress::keepTime);
        }
        return progress;
    }

    /** Something begins, which ends what went on before. */
    void step(String what) {
        begin(what, false);
    }

    /** Likewise, of something that usually takes no time worth a word. */
    void pass(String what) {
        begin(what, true);
    }

    void show(Reply.Progress reply) {
        if (reply.asking()) {
            ask(reply.line());
        } else {
            step(reply.line());
        }
    }

    /** After that somebody else may write on the terminal, until the next step. */
    private void ask(String what) {
        lock.lock();
        try {
            end();
            stream.println(what);
        } finally {
            lock.unlock();
        }
    }

    private void begin(String what, boolean inPassing) {
        lock.lock();
        try {
            end();
            line = what;
            passing = inPassing;
            beganNs = nanoClock.getAsLong();
            open = look != Look.PLAIN;
            if (passing) {
                return;
            }
            if (open) {
                stream.print(shortened());
                stream.flush();
            } else {
                stream.println(what);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes how long the present step has taken. */
    void tick() {
        lock.lock();
        try {
            long seconds = NANOSECONDS.toSeconds(nanoClock.getAsLong() - beganNs);
            if (open && seconds > toldSeconds) {
                toldSeconds = seconds;
                stream.print("\r" + shortened() + " " + faint(seconds + " s") + ERASE);
                stream.flush();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        boolean timed = toldSeconds > 0;
        if (open && passing && timed) {
            stream.print("\r" + ERASE);
        } else if (open && timed) {
            double seconds = (nanoClock.getAsLong() - beganNs) / 1e9;
            String took = faint(String.format(Locale.ROOT, "%.1f s", seconds));
            stream.println("\r" + line + " " + took + ERASE);
        } else if (open && !passing) {
            stream.println(line.equals(shortened()) ? "" : "\r" + line);
        }
        stream.flush();
        open = false;
        toldSeconds = 0;
    }

    private String faint(String text) {
        return look.paint(Look.Colour.FAINT, text);
    }

    private String shortened() {
        return line.length() <= MOST_COLUMNS ? line : line.substring(0, MOST_COLUMNS - 1) + "…";
    }

    private void keepTime() {
        lock.lock();
        try {
            while (!closed) {
                tick();
                closing.awaitNanos(TICK_NS);
            }
        } catch (InterruptedException e) {
            // Nobody is told the time any more; the steps are told all the same.
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            end();
            closed = true;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
