package tp.kube;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tp.testkit.VirtualClock;

/** Time that passes only while somebody waits; what happens then can be told beforehand. */
final class ManualPace implements Pace {

    private final VirtualClock clock = new VirtualClock();
    private final long startNs = clock.getAsLong();
    private final List<Event> events = new ArrayList<>();

    private record Event(Duration at, Runnable what) {}

    void at(Duration time, Runnable what) {
        events.add(new Event(time, what));
    }

    Duration passed() {
        return Duration.ofNanos(clock.getAsLong() - startNs);
    }

    @Override
    public long nowNs() {
        return clock.getAsLong();
    }

    @Override
    public void pause(Duration time) {
        clock.advance(time);
        events.stream().filter(event -> isDue(event)).toList().forEach(event -> event.what().run());
        events.removeIf(this::isDue);
    }

    private boolean isDue(Event event) {
        return event.at().compareTo(passed()) <= 0;
    }
}
