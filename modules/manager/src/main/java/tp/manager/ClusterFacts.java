package tp.manager;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import tp.spi.common.Cidr;

/**
 * What is the same for all sessions at one moment.
 *
 * @param namespaces all that exist
 */
record ClusterFacts(Set<String> namespaces, List<Cidr> serviceSubnets, List<Cidr> podSubnets) {

    static final ClusterFacts NONE = new ClusterFacts(Set.of(), List.of(), List.of());

    ClusterFacts {
        namespaces = Set.copyOf(namespaces);
        serviceSubnets = List.copyOf(serviceSubnets);
        podSubnets = List.copyOf(podSubnets);
    }

    boolean inRanges(InetAddress address) {
        return Ranges.contains(serviceSubnets, address) || Ranges.contains(podSubnets, address);
    }
}
