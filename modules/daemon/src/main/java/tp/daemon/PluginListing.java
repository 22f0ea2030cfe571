package tp.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tp.connector.Assessed;
import tp.connector.Broken;
import tp.connector.Point;
import tp.connector.Providers;
import tp.connector.TransportState;
import tp.control.PluginEntry;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.TransportContext;

/** Every provider with its verdict, for {@code tp plugins}. */
final class PluginListing {

    private final List<PluginEntry> entries = new ArrayList<>();

    private PluginListing() {}

    /**
     * @param cluster where there is a session; without one no transport can say anything
     * @param tried what the session knows of transports
     * @param resolver of the host as it was before tp changed anything
     */
    static List<PluginEntry> of(
            Providers providers,
            Optional<TransportContext> cluster,
            List<TransportState> tried,
            NamespaceRequest request,
            ResolverEnvironment resolver) {
        PluginListing listing = new PluginListing();
        listing.add(
                providers.transports(),
                transport ->
                        cluster.map(transport::assess)
                                .orElse(new Assessment.Unknown("it is asked when tp connects")));
        listing.replace(tried);
        listing.add(providers.resolvers(), dns -> dns.assess(resolver));
        listing.add(providers.namespaces(), namespaces -> namespaces.assess(request));
        for (Broken broken : providers.broken()) {
            listing.entries.add(
                    new PluginEntry(
                            broken.point(), "-", broken.source(), "", "broken", broken.reason()));
        }
        return listing.entries;
    }

    static List<PluginEntry> of(Providers providers) {
        return of(
                providers,
                Optional.empty(),
                List.of(),
                new NamespaceRequest(List.of()),
                HostResolver.read());
    }

    /** What came of trying says more than an assessment does. */
    private void replace(List<TransportState> tried) {
        for (TransportState state : tried) {
            entries.replaceAll(
                    entry ->
                            entry.id().equals(state.id())
                                    ? new PluginEntry(
                                            entry.point(),
                                            entry.id(),
                                            entry.module(),
                                            entry.version(),
                                            state.verdict(),
                                            state.reason())
                                    : entry);
        }
    }

    private <P extends Provider> void add(Point<P> point, Function<P, Assessment> question) {
        for (Assessed<P> one : point.assess(question)) {
            entries.add(
                    new PluginEntry(
                            point.name(),
                            one.found().provider().id(),
                            one.found().module(),
                            one.found().version(),
                            one.verdict(),
                            one.assessment().reason()));
        }
    }
}
