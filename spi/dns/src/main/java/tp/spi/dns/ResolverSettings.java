package tp.spi.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * What tp's resolver offers to the host.
 *
 * @param device the name of the TUN device
 * @param server the address at which tp's resolver answers on port 53, UDP and TCP
 * @param searchDomains to be tried before the host's own, without a trailing dot
 * @param clusterDomains whose names tp answers, without a trailing dot
 */
public record ResolverSettings(
        String device,
        InetAddress server,
        List<String> searchDomains,
        List<String> clusterDomains) {

    public ResolverSettings {
        searchDomains = List.copyOf(searchDomains);
        clusterDomains = List.copyOf(clusterDomains);
    }
}
