package tp.spi.namespace;

import java.util.List;

/**
 * What the user asked for.
 *
 * @param mapped the values of {@code --mapped-namespaces}, empty where it was not given
 */
public record NamespaceRequest(List<String> mapped) {
    public NamespaceRequest {
        mapped = List.copyOf(mapped);
    }
}
