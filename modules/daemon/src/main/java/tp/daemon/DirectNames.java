package tp.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tp.connector.TableNames;
import tp.dns.ServiceZone;
import tp.kube.ClusterTable;

/** The names of a table, in the words of the resolver. */
final class DirectNames {

    private DirectNames() {}

    static TableNames.Zone of(
            String clusterDomain, ClusterTable table, Collection<String> namespaces) {
        ServiceZone.Builder zone = new ServiceZone.Builder(clusterDomain);
        namespaces.forEach(zone::namespace);
        Map<ClusterTable.ObjectName, List<ClusterTable.Slice>> slices =
                table.slices().stream().collect(Collectors.groupingBy(ClusterTable.Slice::service));
        for (ClusterTable.Service service : table.services()) {
            add(zone, service, slices.getOrDefault(service.name(), List.of()));
        }
        for (ClusterTable.Pod pod : table.pods()) {
            pod.addresses().forEach(address -> zone.pod(pod.name().namespace(), address));
        }
        return zone.build()::answer;
    }

    private static void add(
            ServiceZone.Builder zone,
            ClusterTable.Service service,
            List<ClusterTable.Slice> slices) {
        String namespace = service.name().namespace();
        String name = service.name().name();
        if (service.externalName().isPresent()) {
            zone.alias(namespace, name, service.externalName().get());
        } else if (service.isHeadless()) {
            zone.headless(namespace, name, endpoints(service, slices));
        } else {
            zone.clusterIps(namespace, name, service.addresses(), ports(service.ports()));
        }
    }

    private static List<ServiceZone.Endpoint> endpoints(
            ClusterTable.Service service, List<ClusterTable.Slice> slices) {
        List<ServiceZone.Endpoint> endpoints = new ArrayList<>();
        for (ClusterTable.Slice slice : slices) {
            for (ClusterTable.Endpoint endpoint : slice.endpoints()) {
                if (endpoint.ready() || service.publishNotReady()) {
                    for (InetAddress address : endpoint.addresses()) {
                        endpoints.add(
                                new ServiceZone.Endpoint(
                                        address, endpoint.hostname(), ports(slice.ports())));
                    }
                }
            }
        }
        return endpoints;
    }

    private static List<ServiceZone.Port> ports(List<ClusterTable.ServicePort> ports) {
        return ports.stream()
                .map(one -> new ServiceZone.Port(one.name(), one.protocol(), one.port()))
                .toList();
    }
}
