package tp.connector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tp.kube.ClusterTable;
import tp.kube.PodForward;

/** The websockets to pods, one for each pod as a rule. Not thread-safe. */
final class PodForwards {

    /** Another one is begun where a slow reader stops those that there are. */
    private static final int MOST_OF_A_POD = 4;

    private final Function<ClusterTable.Pod, PodForward> opener;
    private final Map<ClusterTable.Pod, List<PodForward>> open = new HashMap<>();

    /**
     * @param opener begins a new one; does not block
     */
    PodForwards(Function<ClusterTable.Pod, PodForward> opener) {
        this.opener = opener;
    }

    PodForward.Connection connect(Targets.PodPort target, PodForward.Events events) {
        List<PodForward> those = open.computeIfAbsent(target.pod(), pod -> new ArrayList<>());
        those.removeIf(PodForwards::isOver);
        Optional<PodForward> free =
                those.stream()
                        .filter(PodForward::isOpen)
                        .filter(one -> !one.isClogged())
                        .findFirst();
        if (free.isPresent()) {
            return free.get().connect(target.port(), events);
        }
        Optional<PodForward> least =
                those.stream()
                        .filter(PodForward::isOpen)
                        .min((a, b) -> Integer.compare(a.connections(), b.connections()));
        if (least.isPresent() && those.size() >= MOST_OF_A_POD) {
            return least.get().connect(target.port(), events);
        }
        PodForward fresh = opener.apply(target.pod());
        those.add(fresh);
        return fresh.connect(target.port(), events);
    }

    /** Ends those to pods that are no more, and what is open there with them. */
    void keep(Targets targets) {
        List<PodForward> ended = new ArrayList<>();
        open.entrySet()
                .removeIf(
                        one -> {
                            if (!targets.has(one.getKey())) {
                                ended.addAll(one.getValue());
                                return true;
                            }
                            one.getValue().removeIf(PodForwards::isOver);
                            return one.getValue().isEmpty();
                        });
        // Last, since what waited there may begin another one.
        ended.forEach(PodForward::close);
    }

    private static boolean isOver(PodForward one) {
        return !one.isOpen() && one.connections() == 0;
    }

    void closeAll() {
        List<PodForward> all = open.values().stream().flatMap(List::stream).toList();
        open.clear();
        all.forEach(PodForward::close);
    }
}
