package tp.dns;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import tp.spi.common.Cidr;

/**
 * What the session has mapped at this moment.
 *
 * @param clusterDomain such as {@code cluster.local}
 * @param namespaces the mapped namespaces: the name on the laptop to the name in the cluster
 * @param subnets the cluster's ranges, whose reverse names are the cluster's
 */
public record ResolverZones(
        String clusterDomain, Map<String, String> namespaces, List<Cidr> subnets) {

    public ResolverZones {
        clusterDomain = clusterDomain.toLowerCase(Locale.ROOT);
        namespaces = Map.copyOf(namespaces);
        subnets = List.copyOf(subnets);
    }

    /** Namespaces that keep their names. */
    public static ResolverZones of(
            String clusterDomain, List<String> namespaces, List<Cidr> subnets) {
        Map<String, String> same =
                namespaces.stream()
                        .distinct()
                        .collect(Collectors.toMap(Function.identity(), Function.identity()));
        return new ResolverZones(clusterDomain, same, subnets);
    }
}
