package tp.tunnel;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Acknowledgements of little, which are said together a moment later: who sends waits for them only
 * to forget what arrived. On the session's event loop.
 */
final class LateAcks {

    private static final long DELAY_MS = 10;

    private final EventLoop loop;
    private Deque<Runnable> owed = new ArrayDeque<>();

    LateAcks(EventLoop loop) {
        this.loop = loop;
    }

    /** Has it said within {@value #DELAY_MS} ms; each flow asks once at a time. */
    void later(Runnable ack) {
        if (owed.isEmpty()) {
            loop.schedule(this::sayAll, DELAY_MS, TimeUnit.MILLISECONDS);
        }
        owed.add(ack);
    }

    private void sayAll() {
        Deque<Runnable> now = owed;
        owed = new ArrayDeque<>();
        now.forEach(Runnable::run);
    }
}
