package tp.connector;

import java.util.List;
import java.util.Optional;
import tp.spi.transport.Endpoint;

/**
 * What the user asked for.
 *
 * @param namespace where names without a dot are looked for; empty: nowhere
 * @param mapped the values of {@code --mapped-namespaces}
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
}
