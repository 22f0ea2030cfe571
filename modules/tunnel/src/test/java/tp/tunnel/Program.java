package tp.tunnel;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An application, or a service: says known bytes, hears known bytes, each at a pace of its own, and
 * notices at once what it was not to hear.
 */
final class Program {

    /**
     * What it does.
     *
     * @param say all that it says before it ends its direction
     * @param hear all that the other one says
     * @param endsFirst whether it does not wait for the end of the other one before its own
     * @param pieceBytes it says at a time, each after that pause
     * @param takeBytes it reads at a time, likewise
     * @param abortAtNs when it resets the connection, or the end of all time
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Plan(
            byte[] say,
            byte[] hear,
            boolean endsFirst,
            int pieceBytes,
            long sayPauseNs,
            int takeBytes,
            long takePauseNs,
            long abortAtNs) {}

    private final VirtualWorld world;
    private final String name;
    private final Plan plan;
    private @Nullable VirtualSocket socket;
    private @Nullable Program other;
    private int said;
    private int heard;
    private boolean endSaid;
    private boolean endHeard;
    private boolean reset;
    private boolean aborted;
    private boolean resetAtEnd;
    private long endedNs;
    private long nextSayNs;
    private long nextTakeNs;
    private long wakeNs = Long.MAX_VALUE;

    Program(VirtualWorld world, String name, Plan plan) {
        this.world = world;
        this.name = name;
        this.plan = plan;
    }

    void with(Program far) {
        other = far;
    }

    /** From now on it has a connection. */
    void start(VirtualSocket on) {
        socket = on;
        on.connected(this);
        if (plan.abortAtNs() != Long.MAX_VALUE) {
            world.later(Math.max(0, plan.abortAtNs() - world.nowNs()), this::act);
        }
        act();
    }

    /** Does what it can now. */
    void act() {
        VirtualSocket on = socket;
        if (on == null || isOver()) {
            return;
        }
        if (world.nowNs() >= plan.abortAtNs()) {
            aborted = true;
            over();
            on.fromProgram().reset(world.oneIn(2));
            on.spoken();
            return;
        }
        hear(on);
        if (!isOver()) {
            say(on);
        }
    }

    private void hear(VirtualSocket on) {
        KernelBuffer from = on.toProgram();
        while (from.bytes() > 0 && isDue(nextTakeNs)) {
            byte[] part = from.take(plan.takeBytes());
            check(part);
            nextTakeNs = world.nowNs() + plan.takePauseNs();
            on.taken();
        }
        if (from.bytes() > 0) {
            return;
        }
        if (from.isReset()) {
            reset = true;
            over();
        } else if (from.isEnded() && !endHeard) {
            endHeard = true;
            Program far = other;
            if (heard < plan.hear().length || far == null || !far.endSaid) {
                world.fail(name + " hears the end after " + heard + " of " + plan.hear().length);
            }
            overIfDone();
        }
    }

    private void check(byte[] part) {
        byte[] wanted = plan.hear();
        if (heard + part.length > wanted.length
                || !Arrays.equals(part, 0, part.length, wanted, heard, heard + part.length)) {
            world.fail(name + " hears other bytes from " + heard + " on");
        }
        heard = Math.min(wanted.length, heard + part.length);
    }

    private void say(VirtualSocket on) {
        KernelBuffer to = on.fromProgram();
        if (to.isReset()) {
            return; // the next read tells
        }
        while (said < plan.say().length && to.room() > 0 && isDue(nextSayNs)) {
            int length = Math.min(Math.min(plan.pieceBytes(), to.room()), plan.say().length - said);
            to.put(Arrays.copyOfRange(plan.say(), said, said + length));
            said += length;
            if (length == plan.pieceBytes()) {
                nextSayNs = world.nowNs() + plan.sayPauseNs();
            }
            on.spoken();
        }
        if (said == plan.say().length && !endSaid && (plan.endsFirst() || endHeard)) {
            endSaid = true;
            to.end();
            on.spoken();
            overIfDone();
        }
    }

    private boolean isDue(long timeNs) {
        if (timeNs <= world.nowNs()) {
            return true;
        }
        if (wakeNs <= world.nowNs() || timeNs < wakeNs) {
            wakeNs = timeNs;
            world.later(timeNs - world.nowNs(), this::act);
        }
        return false;
    }

    private void overIfDone() {
        if (isDone()) {
            over();
        }
    }

    private void over() {
        endedNs = world.nowNs();
    }

    boolean isStarted() {
        return socket != null;
    }

    /** {@return whether all was said and heard, both ends in order} */
    boolean isDone() {
        return endSaid && endHeard;
    }

    /** Its connection is reset, which it does not notice any more if it is over. */
    void resetToo() {
        resetAtEnd |= isDone();
    }

    /** {@return whether a reset followed the end, so that less of what was said could have come} */
    boolean wasResetAtEnd() {
        return resetAtEnd;
    }

    boolean sawReset() {
        return reset;
    }

    boolean hasAborted() {
        return aborted;
    }

    boolean isOver() {
        return isDone() || reset || aborted;
    }

    long endedNs() {
        return endedNs;
    }

    @Override
    public String toString() {
        return name
                + "[said "
                + said
                + (endSaid ? " and the end" : "")
                + " of "
                + plan.say().length
                + ", heard "
                + heard
                + (endHeard ? " and the end" : "")
                + " of "
                + plan.hear().length
                + (reset ? ", reset" : "")
                + (aborted ? ", aborted" : "")
                + (resetAtEnd ? ", reset at the end" : "")
                + (isOver() ? " at " + TimeUnit.NANOSECONDS.toMillis(endedNs) + " ms" : "")
                + "]";
    }
}
