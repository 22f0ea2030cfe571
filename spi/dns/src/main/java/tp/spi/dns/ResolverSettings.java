package tp.spi.dns;

import java.net.InetAddress;
import java.util.List;
import tp.spi.common.Cidr;

/**
 * What tp's resolver offers to the host.
 *
 * @param device the name of the TUN device
 * @param server the address at which tp's resolver answers on port 53, UDP and TCP
 * @param searchDomains to be tried before the host's own, without a trailing dot
 * @param clusterDomains whose names tp answers, without a trailing dot; the cluster's zone is first
 * @param subnets whose reverse names tp answers
 */
public record ResolverSettings(
        String device,
        InetAddress server,
        List<String> searchDomains,
        List<String> clusterDomains,
        List<Cidr> subnets) {

    public ResolverSettings {
        searchDomains = List.copyOf(searchDomains);
        clusterDomains = List.copyOf(clusterDomains);
        subnets = List.copyOf(subnets);
    }
}
