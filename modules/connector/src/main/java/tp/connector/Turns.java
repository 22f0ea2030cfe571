package tp.connector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tp.connector.Targets.Choice;
import tp.connector.Targets.PodPort;

/** Whose turn it is among several endpoints. Not thread-safe. */
final class Turns {

    /** Of so many names; of others the oldest begins again. */
    private static final int MOST_NAMES = 1_024;

    /** By then the table knows better. */
    private static final long AVOIDED_NS = TimeUnit.SECONDS.toNanos(10);

    private final Map<String, Integer> next = bounded();

    /** Pods of which no port was forwarded lately, by their uid, and until when they come last. */
    private final Map<String, Long> avoided = bounded();

    private static <V> Map<String, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > MOST_NAMES;
            }
        };
    }

    /** {@return all of them, in the order in which they are to be tried this time} */
    List<PodPort> order(Choice.Ports choice, long nowNs) {
        List<PodPort> sorted = new ArrayList<>(choice.ports());
        sorted.sort(Comparator.comparing(one -> one.pod().uid() + ":" + one.port()));
        int turn = next.merge(choice.name(), 1, Integer::sum) - 1;
        List<PodPort> order = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            order.add(sorted.get(Math.floorMod(turn + i, sorted.size())));
        }
        order.sort(Comparator.comparing(one -> isAvoided(one, nowNs))); // which keeps the order
        return order;
    }

    private boolean isAvoided(PodPort one, long nowNs) {
        Long until = avoided.get(one.pod().uid());
        return until != null && until - nowNs > 0;
    }

    void avoid(PodPort one, long nowNs) {
        avoided.put(one.pod().uid(), nowNs + AVOIDED_NS);
    }
}
