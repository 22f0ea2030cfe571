package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import tp.spi.common.TpException;

/**
 * The node's network: one network namespace per pod, joined to the node by a routed veth pair (no
 * bridge, so a packet from a pod to itself through a Service needs no hairpin mode).
 */
final class NodeNetwork {

    static final String NODE_ADDRESS = "10.244.0.1";
    static final String NODE_ADDRESS_V6 = "fd00:10:244::1";
    static final String API_SERVICE_ADDRESS = "10.96.0.1";
    static final String DNS_SERVICE_ADDRESS = "10.96.0.10";
    static final String DNS_SERVICE_ADDRESS_V6 = "fd00:10:96::a";
    static final String LAPTOP_SIDE_ADDRESS = "192.168.127.1";

    /** Empty where the kernel or the administrator has turned IPv6 off. */
    static final boolean HAS_IPV6 = hasAddresses(Path.of("/proc/net/if_inet6"));

    private static final int FIRST = 2;
    private static final int LAST = 4000;

    /** What a pod's namespace is called and where it is. */
    record PodNetwork(int number, String namespace, boolean hasIpv6) {

        String address() {
            return "10.244." + (number >> 8) + "." + (number & 0xff);
        }

        String addressV6() {
            return "fd00:10:244::" + Integer.toHexString(number);
        }

        /** {@return the pod's addresses, IPv4 first} */
        List<String> addresses() {
            return hasIpv6 ? List.of(address(), addressV6()) : List.of(address());
        }
    }

    private final TreeSet<Integer> used = new TreeSet<>();
    private int last = FIRST - 1;

    static void setUp() {
        Commands.script("node.sh");
    }

    /**
     * Makes a pod's namespace with its addresses and routes.
     *
     * @param blackHole whether the node silently drops what is sent to the pod
     */
    PodNetwork add(boolean blackHole) {
        int number = allocate();
        PodNetwork pod = new PodNetwork(number, "pod" + number, HAS_IPV6);
        try {
            Commands.ip("netns add " + pod.namespace() + "\n");
            Commands.ip(nodeSide(pod, blackHole));
            Commands.ipIn(pod.namespace(), podSide(pod));
        } catch (TpException e) {
            remove(pod);
            throw e;
        }
        return pod;
    }

    /** Deletes a pod's namespace; its interfaces and routes go with it. */
    void remove(PodNetwork pod) {
        try {
            Commands.ipForced(
                    """
                    link del veth%d
                    route del blackhole %s/32
                    route del blackhole %s/128
                    netns del %s
                    """
                            .formatted(
                                    pod.number(), pod.address(), pod.addressV6(), pod.namespace()));
        } catch (TpException e) {
            // Not every pod has each of these: the tool has removed what there was.
            System.getLogger("tp.sandbox").log(System.Logger.Level.DEBUG, e.getMessage());
        }
        synchronized (used) {
            used.remove(pod.number());
        }
    }

    /** Addresses are handed out in turn, so that a new pod rarely gets a dead pod's address. */
    private int allocate() {
        synchronized (used) {
            for (int tried = FIRST; tried <= LAST; tried++) {
                last = last >= LAST ? FIRST : last + 1;
                if (used.add(last)) {
                    return last;
                }
            }
        }
        throw TpException.environment("the node has no free pod address", "delete some pods");
    }

    private static String nodeSide(PodNetwork pod, boolean blackHole) {
        String device = "veth" + pod.number();
        StringBuilder lines = new StringBuilder();
        lines.append(
                "link add %s type veth peer name eth0 netns %s\n"
                        .formatted(device, pod.namespace()));
        if (pod.hasIpv6()) {
            // RFC 4291 §2.5.6: the node's end answers as fe80::1, whatever its hardware address.
            lines.append("address add fe80::1/64 dev %s nodad\n".formatted(device));
        }
        lines.append("link set %s up\n".formatted(device));
        for (String address : pod.addresses()) {
            boolean v4 = address.equals(pod.address());
            String to = address + (v4 ? "/32" : "/128");
            String source = v4 ? NODE_ADDRESS : NODE_ADDRESS_V6;
            lines.append(
                    blackHole
                            ? "route add blackhole %s\n".formatted(to)
                            : "route add %s dev %s src %s\n".formatted(to, device, source));
        }
        return lines.toString();
    }

    private static String podSide(PodNetwork pod) {
        String v4 =
                """
                link set lo up
                address add %s/32 dev eth0
                link set eth0 up
                route add default via %s dev eth0 onlink
                """
                        .formatted(pod.address(), NODE_ADDRESS);
        String v6 =
                """
                address add %s/128 dev eth0 nodad
                route add default via fe80::1 dev eth0
                """
                        .formatted(pod.addressV6());
        return pod.hasIpv6() ? v4 + v6 : v4;
    }

    private static boolean hasAddresses(Path list) {
        try {
            return !Files.readString(list).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
