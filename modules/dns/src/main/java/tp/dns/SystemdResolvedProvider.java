package tp.dns;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tp.spi.common.Assessment;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/**
 * Gives systemd-resolved tp's resolver as the server of tp's own link, for the cluster's names
 * only: no other name ever comes here. A namespace is a routing domain too, also where it is called
 * like a public top-level domain: tp's resolver asks the host's own servers where the cluster has
 * no such name.
 */
public final class SystemdResolvedProvider implements DnsProvider {

    /** Older ones take 256 domains of a link (LINK_SEARCH_DOMAINS_MAX). */
    private static final int MAX_DOMAINS = 255;

    private static final Predicate<String> DOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*")
                    .asMatchPredicate();

    public SystemdResolvedProvider() {}

    @Override
    public String id() {
        return "systemd-resolved";
    }

    @Override
    public Assessment assess(ResolverEnvironment environment) {
        if (!environment.resolvedRuns()) {
            return new Assessment.Unusable("systemd-resolved does not run here");
        }
        if (environment.stub()) {
            return new Assessment.Usable(
                    80, "every program asks systemd-resolved; it asks tp for cluster names only");
        }
        return environment.nssResolve()
                ? new Assessment.Usable(
                        30,
                        "the C library asks systemd-resolved;"
                                + " programs that read /etc/resolv.conf themselves go past it")
                : new Assessment.Unusable(
                        "systemd-resolved runs, but /etc/resolv.conf names other servers");
    }

    @Override
    public List<HostChange> changes(ResolverEnvironment environment, ResolverSettings settings) {
        // What matters most comes first, in case it is too much.
        Set<String> domains = new LinkedHashSet<>(settings.searchDomains());
        Stream.of(
                        settings.clusterDomains().stream().limit(2),
                        settings.subnets().stream().map(ReverseZones::of).flatMap(List::stream),
                        settings.clusterDomains().stream().skip(2))
                .flatMap(same -> same)
                .map(domain -> "~" + domain)
                .forEach(domains::add);
        List<String> taken =
                domains.stream()
                        .map(domain -> domain.toLowerCase(Locale.ROOT))
                        .filter(domain -> DOMAIN.test(domain.replaceFirst("^~", "")))
                        .limit(MAX_DOMAINS)
                        .toList();
        List<HostChange> changes = new ArrayList<>();
        changes.add(new HostChange.LinkDns(settings.device(), List.of(settings.server()), taken));
        Redirects.forBridges(environment, settings).ifPresent(changes::add);
        return changes;
    }
}
