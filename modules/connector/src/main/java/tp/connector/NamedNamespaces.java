package tp.connector;

import java.util.Set;

/**
 * The namespaces that the user named, by flags.
 *
 * @param missing those of which the cluster says that it has none such
 */
public record NamedNamespaces(Set<String> all, Set<String> missing) {

    static final NamedNamespaces NONE = new NamedNamespaces(Set.of(), Set.of());
}
