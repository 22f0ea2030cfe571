package tp.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A clock that stands still until it is turned. */
final class HandTurnedClock implements ResolverClock {

    private record Due(long atNs, Runnable task) {}

    private final List<Due> due = new ArrayList<>();
    private long nowNs = -1_000; // System.nanoTime may be negative as well

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public Runnable after(long delayNs, Runnable task) {
        Due one = new Due(nowNs + delayNs, task);
        due.add(one);
        return () -> due.remove(one);
    }

    void turn(Duration by) {
        long until = nowNs + by.toNanos();
        while (true) {
            Optional<Due> next =
                    due.stream()
                            .filter(one -> one.atNs <= until)
                            .min(Comparator.comparingLong(Due::atNs));
            if (next.isEmpty()) {
                break;
            }
            nowNs = next.get().atNs;
            due.remove(next.get());
            next.get().task.run();
        }
        nowNs = until;
    }

    int pending() {
        return due.size();
    }
}
