package tp.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives inputs to one target and looks at what they cost. Jazzer calls the two static methods by
 * their names; it bounds the time and the memory of the process itself.
 */
public final class Trial {

    /** The first calls load classes, and the compiler may bring an allocation back for one call. */
    private static final int ATTEMPTS = 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static @Nullable Trial current;

    private final Target target;

    Trial(Target target) {
        this.target = target;
    }

    public static void fuzzerInitialize(String[] arguments) throws Exception {
        Trial trial = new Trial(Targets.named(arguments[0]));
        for (byte[] seed : trial.target.seeds()) {
            trial.take(seed);
        }
        current = trial;
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Trial trial = current;
        if (trial != null) {
            trial.take(input);
        }
    }

    void take(byte[] input) throws Exception {
        long capBytes = target.capBytes(input.length);
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS && allocated > capBytes; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            target.take(input);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        if (allocated > capBytes) {
            throw new AssertionError(
                    "%d bytes were allocated for an input of %d; the cap is %d"
                            .formatted(allocated, input.length, capBytes));
        }
    }
}
