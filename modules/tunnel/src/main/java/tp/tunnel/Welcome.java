package tp.tunnel;

import java.net.InetAddress;
import java.util.List;
import tp.spi.common.Cidr;

/**
 * What the manager grants, and what the laptop needs to know of the cluster.
 *
 * @param sessionId names the session, 16 hex digits
 * @param epoch changes with each start of the manager: a flow of another epoch cannot be resumed
 * @param zone the cluster's DNS
 * @param serviceSubnets where ClusterIPs come from
 * @param podSubnets where pod addresses come from
 * @param namespaces the granted namespaces, by their names in the cluster, at most {@value
 *     #MAX_NAMESPACES}
 * @param external what lies outside the cluster and is permitted to every session: ranges such as
 *     {@code 10.9.0.0/16}, and names such as {@code .corp.example} with all below them
 * @param noEcho why the manager cannot ask for echoes, so that no ping is answered; empty if it can
 */
public record Welcome(
        String sessionId,
        long epoch,
        String managerVersion,
        Zone zone,
        List<Cidr> serviceSubnets,
        List<Cidr> podSubnets,
        List<String> namespaces,
        List<String> external,
        String noEcho) {

    /** As many as Kubernetes is tested with (its page "Considerations for large clusters"). */
    public static final int MAX_NAMESPACES = 10_000;

    /**
     * The cluster's DNS.
     *
     * @param clusterDomain such as {@code cluster.local}, without a trailing dot
     * @param clusterDns the name servers of the manager's own resolv.conf
     */
    public record Zone(String clusterDomain, List<InetAddress> clusterDns) {
        public Zone {
            clusterDns = List.copyOf(clusterDns);
        }
    }

    public Welcome {
        serviceSubnets = List.copyOf(serviceSubnets);
        podSubnets = List.copyOf(podSubnets);
        namespaces = List.copyOf(namespaces);
        external = List.copyOf(external);
    }

    /** A welcome that permits nothing outside the cluster, and answers pings. */
    public Welcome(
            String sessionId,
            long epoch,
            String managerVersion,
            Zone zone,
            List<Cidr> serviceSubnets,
            List<Cidr> podSubnets,
            List<String> namespaces) {
        this(
                sessionId,
                epoch,
                managerVersion,
                zone,
                serviceSubnets,
                podSubnets,
                namespaces,
                List.of(),
                "");
    }
}
