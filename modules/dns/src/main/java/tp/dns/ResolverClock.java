package tp.dns;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The time as the resolver sees it; tests have one that they turn by hand. */
public interface ResolverClock {

    long nowNs();

    /** Runs a task later. {@return what cancels it} */
    Runnable after(long delayNs, Runnable task);

    /** {@return the machine's own clock, with one daemon thread for what is due} */
    static ResolverClock system() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("tp-dns-timer").factory());
        timer.setRemoveOnCancelPolicy(true);
        return new ResolverClock() {
            @Override
            public long nowNs() {
                return System.nanoTime();
            }

            @Override
            public Runnable after(long delayNs, Runnable task) {
                ScheduledFuture<?> due = timer.schedule(task, delayNs, TimeUnit.NANOSECONDS);
                return () -> due.cancel(false);
            }
        };
    }
}
