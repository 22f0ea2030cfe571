package tp.spi.namespace;

import java.util.SortedMap;
import java.util.TreeMap;

/** Which namespaces of the cluster exist on the laptop, and under which names. */
public sealed interface NamespaceMapping {

    /** Every namespace that the user may reach, under its own name. */
    record All() implements NamespaceMapping {}

    /**
     * These and no others.
     *
     * @param clusterNames the name on the laptop to the name in the cluster
     */
    record Listed(SortedMap<String, String> clusterNames) implements NamespaceMapping {
        public Listed {
            clusterNames = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(clusterNames));
        }
    }
}
