package tp.connector;

import java.util.List;
import java.util.Optional;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.Endpoint;

/**
 * What the user asked for.
 *
 * @param namespace of names without a dot; empty: the context's
 * @param mapped the namespaces to be mapped; none: all
 * @param transport the id of the only one to be used; empty: the best, with fallback
 * @param endpoints where the manager can be reached, as the user knows; tried before others
 * @param version of this client
 */
public record ConnectorSettings(
        Optional<String> namespace,
        List<String> mapped,
        Optional<String> transport,
        List<Endpoint> endpoints,
        String version) {

    public ConnectorSettings {
        mapped = List.copyOf(mapped);
        endpoints = List.copyOf(endpoints);
    }

    NamespaceRequest namespaceRequest() {
        return new NamespaceRequest(mapped);
    }
}
