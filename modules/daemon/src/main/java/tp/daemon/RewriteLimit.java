package tp.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** How often tp puts its text back on top of what another program wrote. */
final class RewriteLimit {

    static final String REASON =
            "another program writes /etc/resolv.conf again and again; stop it, or give another --dns";

    private static final int TIMES = 5;
    private static final long WITHIN_NS = TimeUnit.MINUTES.toNanos(1);

    private final Deque<Long> taken = new ArrayDeque<>();

    /** {@return whether it may be done once more} */
    boolean take(long nowNs) {
        while (!taken.isEmpty() && nowNs - taken.peekFirst() > WITHIN_NS) {
            taken.removeFirst();
        }
        if (taken.size() == TIMES) {
            return false;
        }
        taken.addLast(nowNs);
        return true;
    }
}
