package tp.connector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was refused lately and why, each once. Thread-safe. */
final class Refusals {

    private static final System.Logger LOG = System.getLogger(Refusals.class.getName());

    private static final int MOST = 16;

    private final Map<String, Long> counts = new LinkedHashMap<>();

    /** Logs it too, but not again while it is still remembered. */
    synchronized void add(String line) {
        Long before = counts.remove(line);
        counts.put(line, before == null ? 1 : before + 1);
        if (before == null) {
            LOG.log(System.Logger.Level.INFO, "refused: {0}", line);
            if (counts.size() > MOST) {
                counts.remove(counts.keySet().iterator().next());
            }
        }
    }

    /** {@return one line each, the latest last} */
    synchronized List<String> lines() {
        return counts.entrySet().stream()
                .map(
                        one ->
                                one.getKey()
                                        + (one.getValue() == 1
                                                ? ""
                                                : " (" + one.getValue() + " times)"))
                .toList();
    }
}
