package tp.sandbox.node;

import java.util.List;
import java.util.TreeSet;
import tp.spi.common.TpException;

/**
 * The node's network: one network namespace per pod, joined to the node by a routed veth pair (no
 * bridge, so a packet from a pod to itself through a Service needs no hairpin mode).
 */
final class NodeNetwork {

    static final String NODE_ADDRESS = "10.244.0.1";
    static final String API_SERVICE_ADDRESS = "10.96.0.1";
    static final String DNS_SERVICE_ADDRESS = "10.96.0.10";
    static final String DNS_SERVICE_ADDRESS_V6 = "fd00:10:96::a";
    static final String LAPTOP_SIDE_ADDRESS = "192.168.127.1";

    private static final int FIRST = 2;
    private static final int LAST = 4000;

    /** What a pod's namespace is called and where it is. */
    record PodNetwork(int number, String namespace) {

        String address() {
            return "10.244." + (number >> 8) + "." + (number & 0xff);
        }

        String addressV6() {
            return "fd00:10:244::" + Integer.toHexString(number);
        }
    }

    private final TreeSet<Integer> used = new TreeSet<>();
    private int last = FIRST - 1;

    static void setUp() {
        Commands.script("node.sh", List.of());
    }

    /**
     * Makes a pod's namespace with its addresses and routes.
     *
     * @param blackHole whether the node silently drops what is sent to the pod
     */
    PodNetwork add(boolean blackHole) {
        int number = allocate();
        PodNetwork pod = new PodNetwork(number, "pod" + number);
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
        String v4 =
                blackHole
                        ? "route add blackhole %s/32\n".formatted(pod.address())
                        : "route add %s/32 dev veth%d src %s\n"
                                .formatted(pod.address(), pod.number(), NODE_ADDRESS);
        String v6 =
                blackHole
                        ? "route add blackhole %s/128\n".formatted(pod.addressV6())
                        : "route add %s/128 dev veth%d src fd00:10:244::1\n"
                                .formatted(pod.addressV6(), pod.number());
        return """
        link add veth%1$d type veth peer name eth0 netns %2$s
        address add fe80::1/64 dev veth%1$d nodad
        link set veth%1$d up
        """
                        .formatted(pod.number(), pod.namespace())
                + v4
                + v6;
    }

    /** RFC 4291 §2.5.6: the node's end answers as fe80::1, whatever its hardware address is. */
    private static String podSide(PodNetwork pod) {
        return """
        link set lo up
        address add %s/32 dev eth0
        address add %s/128 dev eth0 nodad
        link set eth0 up
        route add default via %s dev eth0 onlink
        route add default via fe80::1 dev eth0
        """
                .formatted(pod.address(), pod.addressV6(), NODE_ADDRESS);
    }
}
