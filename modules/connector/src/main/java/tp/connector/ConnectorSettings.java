package tp.connector;

import java.util.List;
import java.util.Optional;
import tp.spi.namespace.NamespaceRequest;

/**
 * What the user asked for.
 *
 * @param namespace of names without a dot; empty: the context's
 * @param mapped the namespaces to be mapped; none: all
 * @param transport the id of the only one to be used; empty: the best, with fallback
 * @param version of this client
 */
public record ConnectorSettings(
        Optional<String> namespace,
        List<String> mapped,
        Optional<String> transport,
        String version) {

    public ConnectorSettings {
        mapped = List.copyOf(mapped);
    }

    NamespaceRequest namespaceRequest() {
        return new NamespaceRequest(mapped);
    }
}
