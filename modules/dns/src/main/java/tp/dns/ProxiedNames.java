package tp.dns;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.xbill.DNS.Name;

/**
 * Names that the user gave to the cluster's DNS or kept from it, each with all that is below it.
 * The longest one decides.
 */
public final class ProxiedNames {

    /** Nobody said anything. */
    public static final ProxiedNames NONE = new ProxiedNames(List.of(), List.of());

    /** What was said of a name. */
    enum Verdict {
        ALSO,
        NEVER,
        UNSAID
    }

    private final Map<List<String>, Verdict> verdicts = new HashMap<>();
    private final int longest;

    /**
     * @param also names such as {@code corp.example}, without dots at the ends
     * @param never likewise; wins over the same name among the others
     */
    public ProxiedNames(Collection<String> also, Collection<String> never) {
        also.forEach(name -> verdicts.put(labels(name), Verdict.ALSO));
        never.forEach(name -> verdicts.put(labels(name), Verdict.NEVER));
        longest = verdicts.keySet().stream().mapToInt(List::size).max().orElse(0);
    }

    private static List<String> labels(String name) {
        return List.of(name.toLowerCase(Locale.ROOT).split("\\."));
    }

    Verdict of(Name name) {
        if (longest == 0) {
            return Verdict.UNSAID;
        }
        List<String> labels = new ArrayList<>();
        for (int i = Math.max(0, name.labels() - 1 - longest); i < name.labels() - 1; i++) {
            labels.add(name.getLabelString(i).toLowerCase(Locale.ROOT));
        }
        for (int from = 0; from < labels.size(); from++) {
            Verdict verdict = verdicts.get(labels.subList(from, labels.size()));
            if (verdict != null) {
                return verdict;
            }
        }
        return Verdict.UNSAID;
    }
}
