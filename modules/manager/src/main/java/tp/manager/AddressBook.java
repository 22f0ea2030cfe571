package tp.manager;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tp.incluster.ClusterObject;
import tp.spi.common.Cidr;

/** Whose each address of the cluster is. Kept current by the watches; any thread. */
final class AddressBook {

    private static final int MAX_ADDRESSES = 100_000;
    private static final int MAX_DEPARTED = 10_000;
    private static final List<InetAddress> NONE = List.of();

    /** Cloud metadata over IPv6; the IPv4 one is link-local. */
    private static final InetAddress METADATA = InetAddress.ofLiteral("fd00:ec2::254");

    /** By which an IPv6-only cluster may reach IPv4 (RFC 6052 §2.1, RFC 3056 §2). */
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");

    /** Where the API server says itself where it is. */
    private static final String API_SERVER = "default/kubernetes";

    private static final Cidr THIS_NETWORK = Cidr.parse("0.0.0.0/8");
    private static final Cidr RESERVED = Cidr.parse("240.0.0.0/4");

    /** What is known of an address. */
    sealed interface Owner {

        /** Of these namespaces, nearly always one. */
        record Namespaces(Set<String> names) implements Owner {}

        /**
         * Written by these namespaces in their endpoints, and no pod's or service's: it may lie
         * outside the cluster.
         */
        record Endpoint(Set<String> names) implements Owner {}

        /** It was of these namespaces until its object went, and is of nobody else since. */
        record Departed(Set<String> names) implements Owner {}

        /** Never to be reached: the manager's own pod, a node, link-local and the like. */
        record Denied() implements Owner {}

        record Unknown() implements Owner {}
    }

    private final AddressIndex pods = new AddressIndex(MAX_ADDRESSES);
    private final AddressIndex services = new AddressIndex(MAX_ADDRESSES);
    private final AddressIndex slices = new AddressIndex(MAX_ADDRESSES);

    private final AddressIndex apiServers = new AddressIndex(MAX_ADDRESSES);

    private final AddressIndex nodes = new AddressIndex(MAX_ADDRESSES);

    /** Pods in the network of their node: their addresses are the node's. */
    private final AddressIndex hostPods = new AddressIndex(MAX_ADDRESSES);

    private final Map<InetAddress, Set<String>> departed =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Set<String>> eldest) {
                    return size() > MAX_DEPARTED;
                }
            };
    private final Map<String, List<Cidr>> nodeCidrs = new HashMap<>();
    private final Runnable moved;

    /**
     * @param moved called when an address became another namespace's, or a node's; holds a lock
     */
    AddressBook(Runnable moved) {
        this.moved = moved;
    }

    synchronized Owner owner(InetAddress address) {
        if (isNeverReached(address) || isShared(address)) {
            return new Owner.Denied();
        }
        // Whoever may write endpoints could claim any address in them: they come last.
        Set<String> names = objects(address);
        if (!names.isEmpty()) {
            return new Owner.Namespaces(names);
        }
        Set<String> last = departed.get(address);
        if (last != null) {
            return new Owner.Departed(last);
        }
        Set<String> endpoints = slices.namespaces(address);
        return endpoints.isEmpty() ? new Owner.Unknown() : new Owner.Endpoint(endpoints);
    }

    private Set<String> objects(InetAddress address) {
        Set<String> names = pods.namespaces(address);
        return names.isEmpty() ? services.namespaces(address) : names;
    }

    private static boolean isNeverReached(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || THIS_NETWORK.contains(address)
                || address.equals(METADATA)
                || isIpv4Inside(address)
                || RESERVED.contains(address);
    }

    /** {@code ::a.b.c.d} (RFC 4291 §2.5.5.1) would go round the rules for IPv4. */
    private static boolean isIpv4Inside(InetAddress address) {
        return address instanceof Inet6Address six && six.isIPv4CompatibleAddress();
    }

    synchronized void put(ClusterObject object) {
        switch (object) {
            case ClusterObject.Pod pod -> {
                boolean ended = pod.finished();
                put(
                        pods,
                        pod,
                        pod.namespace(),
                        ended || pod.hostNetwork() ? NONE : pod.addresses());
                put(hostPods, pod, "", !ended && pod.hostNetwork() ? pod.addresses() : NONE);
            }
            case ClusterObject.Service it -> put(services, it, it.namespace(), it.clusterIps());
            case ClusterObject.EndpointSlice it -> {
                put(slices, it, it.namespace(), it.addresses());
                apiServers.put(
                        new AddressIndex.Entry(
                                it.key(),
                                it.namespace(),
                                it.key().equals(API_SERVER) ? it.addresses() : NONE));
            }
            case ClusterObject.Node node -> {
                put(nodes, node, "", node.addresses());
                nodeCidrs.put(node.name(), node.podCidrs());
            }
            case ClusterObject.Namespace ignored -> {}
            case ClusterObject.ServiceCidr ignored -> {}
        }
    }

    synchronized void remove(ClusterObject object) {
        for (AddressIndex index : indexes(object.getClass())) {
            put(index, object, "", NONE);
        }
        if (object instanceof ClusterObject.Node node) {
            nodeCidrs.remove(node.name());
        }
    }

    /**
     * What is not among these is gone; all objects are of that one kind.
     *
     * @param namespace in which they are; empty: in any, or in none
     */
    synchronized void replace(
            Class<? extends ClusterObject> kind,
            String namespace,
            Collection<? extends ClusterObject> all) {
        Map<InetAddress, Owner> before = new HashMap<>();
        for (AddressIndex index : indexes(kind)) {
            index.addresses().forEach(address -> before.put(address, owner(address)));
            index.clear(namespace);
        }
        if (kind == ClusterObject.Node.class) {
            nodeCidrs.clear();
        }
        all.forEach(this::put);
        before.forEach(this::settle);
    }

    private List<AddressIndex> indexes(Class<? extends ClusterObject> kind) {
        if (kind == ClusterObject.Pod.class) {
            return List.of(pods, hostPods);
        } else if (kind == ClusterObject.Service.class) {
            return List.of(services);
        } else if (kind == ClusterObject.EndpointSlice.class) {
            return List.of(slices, apiServers);
        }
        return kind == ClusterObject.Node.class ? List.of(nodes) : List.of();
    }

    private void put(
            AddressIndex index, ClusterObject object, String namespace, List<InetAddress> now) {
        Set<InetAddress> touched = new HashSet<>(index.addressesOf(object.key()));
        touched.addAll(now);
        Map<InetAddress, Owner> before = new HashMap<>();
        touched.forEach(address -> before.put(address, owner(address)));
        index.put(new AddressIndex.Entry(object.key(), namespace, now));
        before.forEach(this::settle);
    }

    /** Remembers whose an address was, and says so where it became another's. */
    private void settle(InetAddress address, Owner before) {
        if (owner(address) instanceof Owner.Namespaces) {
            departed.remove(address);
        } else if (before instanceof Owner.Namespaces last) {
            departed.put(address, last.names());
        }
        Owner after = owner(address);
        boolean denied = after instanceof Owner.Denied && !(before instanceof Owner.Denied);
        Set<String> last = names(before);
        if (!last.isEmpty() && (denied || !last.containsAll(names(after)))) {
            moved.run();
        }
    }

    private static Set<String> names(Owner owner) {
        return switch (owner) {
            case Owner.Namespaces it -> it.names();
            case Owner.Departed it -> it.names();
            case Owner.Endpoint it -> it.names();
            case Owner.Denied ignored -> Set.of();
            case Owner.Unknown ignored -> Set.of();
        };
    }

    /** {@return the IPv4 address to which an IPv6 address leads, or else the address itself} */
    static InetAddress translated(InetAddress address) {
        int at = NAT64.contains(address) ? 12 : SIX_TO_FOUR.contains(address) ? 2 : -1;
        if (at < 0) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), at, at + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // cannot be: it has four bytes
        }
    }

    synchronized boolean isApiServer(InetAddress address) {
        return apiServers.has(address);
    }

    private boolean isShared(InetAddress address) {
        return nodes.has(address) || hostPods.has(address);
    }

    /** {@return the addresses of pods that have a network of their own} */
    synchronized Set<InetAddress> podAddresses() {
        return pods.addresses();
    }

    synchronized Set<InetAddress> clusterIps() {
        return services.addresses();
    }

    /** {@return the ranges that the nodes say they give to pods} */
    synchronized List<Cidr> nodePodCidrs() {
        List<Cidr> all = new ArrayList<>();
        nodeCidrs.values().forEach(all::addAll);
        return all.stream().distinct().toList();
    }
}
