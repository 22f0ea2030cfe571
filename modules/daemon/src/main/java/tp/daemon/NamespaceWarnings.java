package tp.daemon;

import java.util.ArrayList;
import java.util.List;
import tp.connector.NamedNamespaces;

/**
 * What to say of namespaces that a session is about and that it cannot use. These are warnings and
 * no errors: a namespace may be made while the session lasts, and what else is mapped works.
 */
final class NamespaceWarnings {

    private NamespaceWarnings() {}

    static List<String> of(NamedNamespaces named, List<String> granted) {
        List<String> warnings = new ArrayList<>();
        for (String name : named.all()) {
            boolean missing = named.missing().contains(name);
            boolean usable = granted.contains(name);
            if (missing) {
                warnings.add(
                        "namespace '"
                                + name
                                + "' does not exist in this cluster; "
                                + (usable
                                        ? "its names are known as soon as it does"
                                        : "connect again when it does"));
            } else if (!usable) {
                warnings.add(
                        "namespace '" + name + "' is not granted to you; nothing in it is reached");
            }
        }
        return warnings;
    }
}
