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
import tp.control.StatusReport;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.TransportContext;

/** Every provider with its verdict, for {@code tp plugins}. */
final class PluginListing {

    private final List<PluginEntry> entries = new ArrayList<>();

    /**
     * How names are found.
     *
     * @param resolver of the host as it was before tp changed anything
     * @param tried what came of strategies
     */
    record Names(ResolverEnvironment resolver, List<StatusReport.Strategy> tried) {}

    private PluginListing() {}

    /**
     * @param cluster where there is a session; without one no transport can say anything
     * @param tried what the session knows of transports
     * @param names the host's resolver, and what the session knows of DNS strategies
     */
    static List<PluginEntry> of(
            Providers providers,
            Optional<TransportContext> cluster,
            List<TransportState> tried,
            NamespaceRequest request,
            Names names) {
        PluginListing listing = new PluginListing();
        listing.add(
                providers.transports(),
                transport ->
                        cluster.map(transport::assess)
                                .orElse(new Assessment.Unknown("it is asked when tp connects")));
        tried.forEach(one -> listing.replace(one.id(), one.verdict(), one.reason()));
        listing.add(providers.resolvers(), dns -> dns.assess(names.resolver()));
        names.tried().forEach(one -> listing.replace(one.id(), one.verdict(), one.reason()));
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
                new Names(HostResolver.read(), List.of()));
    }

    /** What came of trying says more than an assessment does, if it says anything. */
    private void replace(String id, String verdict, String reason) {
        entries.replaceAll(
                entry ->
                        entry.id().equals(id)
                                ? new PluginEntry(
                                        entry.point(),
                                        entry.id(),
                                        entry.module(),
                                        entry.version(),
                                        verdict,
                                        reason.isEmpty() ? entry.reason() : reason)
                                : entry);
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
