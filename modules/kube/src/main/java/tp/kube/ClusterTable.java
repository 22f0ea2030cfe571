package tp.kube;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Services, EndpointSlices and pods of some namespaces at one moment, as far as they say where
 * connections lead to. Immutable.
 */
public record ClusterTable(List<Service> services, List<Slice> slices, List<Pod> pods) {

    public static final ClusterTable EMPTY = new ClusterTable(List.of(), List.of(), List.of());

    public ClusterTable {
        services = List.copyOf(services);
        slices = List.copyOf(slices);
        pods = List.copyOf(pods);
    }

    /** The name of an object in its namespace. */
    public record ObjectName(String namespace, String name) {

        /** {@return such as {@code web.default}} */
        @Override
        public String toString() {
            return name + "." + namespace;
        }
    }

    /**
     * A Service (core/v1).
     *
     * @param addresses its ClusterIPs; none where it is headless or leads outside by a name
     * @param externalName what it leads to where it is of the type ExternalName
     * @param publishNotReady whether endpoints count that are not ready
     */
    public record Service(
            ObjectName name,
            List<InetAddress> addresses,
            Optional<String> externalName,
            boolean publishNotReady,
            List<ServicePort> ports) {
        public Service {
            addresses = List.copyOf(addresses);
            ports = List.copyOf(ports);
        }

        /** {@return whether its name leads to the endpoints themselves} */
        public boolean isHeadless() {
            return addresses.isEmpty() && externalName.isEmpty();
        }
    }

    /**
     * One port of a Service, or of the endpoints behind it.
     *
     * @param name empty where it has none; by it a Service's port finds that of its endpoints
     * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
     */
    public record ServicePort(String name, String protocol, int port) {}

    /**
     * An EndpointSlice (discovery.k8s.io/v1).
     *
     * @param service whose endpoints these are
     */
    public record Slice(ObjectName service, List<ServicePort> ports, List<Endpoint> endpoints) {
        public Slice {
            ports = List.copyOf(ports);
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * Where a Service leads to.
     *
     * @param hostname a name of its own below the Service's, or empty
     * @param pod empty where it is none
     */
    public record Endpoint(
            List<InetAddress> addresses, boolean ready, String hostname, Optional<ObjectName> pod) {
        public Endpoint {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A pod that runs (core/v1).
     *
     * @param uid another for each pod that ever had the name
     * @param addresses its own; none where it uses those of its node
     */
    public record Pod(ObjectName name, String uid, List<InetAddress> addresses) {
        public Pod {
            addresses = List.copyOf(addresses);
        }
    }
}
