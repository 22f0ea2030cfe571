package tp.incluster;

import java.net.InetAddress;
import java.util.List;
import tp.spi.common.Cidr;

/** What the manager knows of the cluster's objects: names and addresses. */
public sealed interface ClusterObject {

    /**
     * {@return what tells it from others of its kind: {@code namespace/name}, or the name alone}
     */
    String key();

    record Service(String namespace, String name, List<InetAddress> clusterIps)
            implements ClusterObject {
        public Service {
            clusterIps = List.copyOf(clusterIps);
        }

        @Override
        public String key() {
            return namespace + "/" + name;
        }
    }

    record EndpointSlice(String namespace, String name, List<InetAddress> addresses)
            implements ClusterObject {
        public EndpointSlice {
            addresses = List.copyOf(addresses);
        }

        @Override
        public String key() {
            return namespace + "/" + name;
        }
    }

    /**
     * A pod.
     *
     * @param hostNetwork whether its addresses are those of its node
     * @param finished whether it ended: then its addresses may be another's
     */
    record Pod(
            String namespace,
            String name,
            List<InetAddress> addresses,
            boolean hostNetwork,
            boolean finished)
            implements ClusterObject {
        public Pod {
            addresses = List.copyOf(addresses);
        }

        @Override
        public String key() {
            return namespace + "/" + name;
        }
    }

    record Namespace(String name) implements ClusterObject {
        @Override
        public String key() {
            return name;
        }
    }

    record ServiceCidr(String name, List<Cidr> cidrs) implements ClusterObject {
        public ServiceCidr {
            cidrs = List.copyOf(cidrs);
        }

        @Override
        public String key() {
            return name;
        }
    }

    record Node(String name, List<InetAddress> addresses, List<Cidr> podCidrs)
            implements ClusterObject {
        public Node {
            addresses = List.copyOf(addresses);
            podCidrs = List.copyOf(podCidrs);
        }

        @Override
        public String key() {
            return name;
        }
    }
}
