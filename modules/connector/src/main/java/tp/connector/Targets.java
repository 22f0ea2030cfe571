package tp.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tp.kube.ClusterTable;
import tp.kube.ClusterTable.ObjectName;
import tp.spi.common.AddressText;
import tp.tunnel.DialOutcome;

/**
 * What an address leads to, by the table of one moment: what the proxy of a node does with a
 * Service's address, for pods of which ports can be forwarded. Immutable.
 */
final class Targets {

    static final String UDP = "UDP needs the manager";
    static final String ECHO = "ping needs the manager";

    /** A port of a pod. */
    record PodPort(ClusterTable.Pod pod, int port) {}

    /** Where a connection leads to. */
    sealed interface Choice {

        /**
         * @param name of what was asked for; those who ask for the same take turns
         * @param ports at least one; any of them will do
         */
        record Ports(String name, List<PodPort> ports) implements Choice {
            public Ports {
                ports = List.copyOf(ports);
            }
        }

        /**
         * @param why one line for people
         */
        record Refused(DialOutcome outcome, String why) implements Choice {}
    }

    private final Map<InetAddress, ClusterTable.Service> services = new HashMap<>();
    private final Map<InetAddress, ClusterTable.Pod> podsByAddress = new HashMap<>();
    private final Map<ObjectName, ClusterTable.Pod> pods = new HashMap<>();
    private final Map<ObjectName, List<ClusterTable.Slice>> slices = new HashMap<>();

    Targets(ClusterTable table) {
        for (ClusterTable.Service service : table.services()) {
            service.addresses().forEach(address -> services.put(address, service));
        }
        for (ClusterTable.Pod pod : table.pods()) {
            pods.put(pod.name(), pod);
            pod.addresses().forEach(address -> podsByAddress.put(address, pod));
        }
        for (ClusterTable.Slice slice : table.slices()) {
            slices.computeIfAbsent(slice.service(), name -> new ArrayList<>()).add(slice);
        }
    }

    /** {@return the addresses of Services, and of pods that have some of their own} */
    Set<InetAddress> addresses() {
        Set<InetAddress> all = new HashSet<>(services.keySet());
        all.addAll(podsByAddress.keySet());
        return all;
    }

    boolean has(ClusterTable.Pod pod) {
        return Optional.ofNullable(pods.get(pod.name()))
                .filter(now -> now.uid().equals(pod.uid()))
                .isPresent();
    }

    /** {@return where a TCP connection to that address leads} */
    Choice choose(InetSocketAddress target) {
        ClusterTable.Service service = services.get(target.getAddress());
        if (service != null) {
            return behind(service, target);
        }
        ClusterTable.Pod pod = podsByAddress.get(target.getAddress());
        if (pod != null) {
            return new Choice.Ports(
                    pod.name() + ":" + target.getPort(),
                    List.of(new PodPort(pod, target.getPort())));
        }
        return new Choice.Refused(
                DialOutcome.PROHIBITED,
                text(target) + " is no address of a Service or a pod of the mapped namespaces");
    }

    private Choice behind(ClusterTable.Service service, InetSocketAddress target) {
        String name = service.name() + ":" + target.getPort();
        Optional<ClusterTable.ServicePort> port =
                service.ports().stream()
                        .filter(one -> one.port() == target.getPort())
                        .filter(one -> one.protocol().equals("TCP"))
                        .findFirst();
        if (port.isEmpty()) {
            return new Choice.Refused(
                    DialOutcome.REFUSED, service.name() + " has no TCP port " + target.getPort());
        }
        // A pod with addresses of both families is in a slice of each.
        Set<PodPort> ports = new LinkedHashSet<>();
        Set<String> others = new TreeSet<>();
        for (ClusterTable.Slice slice : slices.getOrDefault(service.name(), List.of())) {
            slice.ports().stream()
                    .filter(one -> one.name().equals(port.get().name()))
                    .filter(one -> one.protocol().equals("TCP"))
                    .forEach(one -> collect(slice, one.port(), ports, others));
        }
        if (!ports.isEmpty()) {
            return new Choice.Ports(name, List.copyOf(ports));
        }
        // As the proxies of nodes do it: what has no endpoint is refused.
        return others.isEmpty()
                ? new Choice.Refused(DialOutcome.REFUSED, name + " has no endpoint that is ready")
                : new Choice.Refused(
                        DialOutcome.PROHIBITED,
                        name
                                + " leads to "
                                + String.join(", ", others)
                                + ", which is no pod: that needs the manager");
    }

    private void collect(
            ClusterTable.Slice slice, int port, Set<PodPort> ports, Set<String> others) {
        for (ClusterTable.Endpoint endpoint : slice.endpoints()) {
            if (!endpoint.ready()) {
                continue;
            }
            Optional<ClusterTable.Pod> pod = endpoint.pod().map(pods::get);
            if (pod.isPresent()) {
                ports.add(new PodPort(pod.get(), port));
            } else if (endpoint.pod().isEmpty()) {
                endpoint.addresses().forEach(one -> others.add(AddressText.of(one)));
            }
        }
    }

    static String text(InetSocketAddress target) {
        String address = AddressText.of(target.getAddress());
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + target.getPort();
    }
}
