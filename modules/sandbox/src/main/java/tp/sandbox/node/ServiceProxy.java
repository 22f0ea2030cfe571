package tp.sandbox.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Carries the traffic of Services in user space. The node holds every ClusterIP as a local address;
 * this listens on the ports, and the node ports, of those Services that have an endpoint. Where
 * nobody listens the kernel refuses, as kube-proxy's REJECT does for a Service without endpoints.
 */
final class ServiceProxy {

    private static final System.Logger LOG = System.getLogger("tp.sandbox.proxy");

    /** The API server and the cluster's DNS listen on their addresses themselves. */
    private static final Set<String> SERVED_BY_NODE =
            Set.of(
                    NodeNetwork.API_SERVICE_ADDRESS,
                    NodeNetwork.DNS_SERVICE_ADDRESS,
                    NodeNetwork.DNS_SERVICE_ADDRESS_V6);

    /** The node as its pods see it, and as the laptop does. */
    private static final List<String> NODE_V4 =
            List.of(NodeNetwork.NODE_ADDRESS, NodeNetwork.LAPTOP_SIDE_ADDRESS);

    /** One port of one address. */
    record Front(boolean udp, InetSocketAddress address) {}

    private final ObjectStore store;
    private final Map<Front, Forward> forwards = new ConcurrentHashMap<>();

    ServiceProxy(ObjectStore store) {
        this.store = store;
    }

    void start() {
        Reconciler.start(
                "proxy",
                store,
                List.of(Resources.SERVICES, Resources.ENDPOINT_SLICES),
                this::reconcile);
    }

    private void reconcile() {
        Map<Front, Endpoints> wanted = wanted();
        Set<Front> gone = new HashSet<>(forwards.keySet());
        gone.removeAll(wanted.keySet());
        for (Front front : gone) {
            Forward forward = forwards.remove(front);
            if (forward != null) {
                forward.close();
            }
        }
        wanted.forEach(this::serve);
    }

    private void serve(Front front, Endpoints endpoints) {
        Forward present = forwards.get(front);
        if (present != null) {
            present.endpoints(endpoints);
            return;
        }
        try {
            Forward forward =
                    front.udp()
                            ? UdpForward.start(front.address(), endpoints)
                            : TcpForward.start(front.address(), endpoints);
            forwards.put(front, forward);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot serve " + front.address(), e);
        }
    }

    private Map<Front, Endpoints> wanted() {
        Map<Front, Endpoints> wanted = new HashMap<>();
        List<ObjectNode> slices = store.list(Resources.ENDPOINT_SLICES, "");
        for (ObjectNode service : store.list(Resources.SERVICES, "")) {
            for (String clusterIp : Json.texts(service, "/spec/clusterIPs")) {
                if (clusterIp.isEmpty()
                        || clusterIp.equals("None")
                        || SERVED_BY_NODE.contains(clusterIp)) {
                    continue;
                }
                InetAddress address = InetAddress.ofLiteral(clusterIp);
                for (JsonNode port : Json.items(service, "/spec/ports")) {
                    List<InetSocketAddress> found = Slices.serving(slices, service, port, address);
                    if (!found.isEmpty()) {
                        boolean sticks =
                                Json.text(service, "/spec/sessionAffinity").equals("ClientIP");
                        Endpoints endpoints = new Endpoints(found, sticks);
                        fronts(address, port).forEach(front -> wanted.put(front, endpoints));
                    }
                }
            }
        }
        return wanted;
    }

    /** A port of the ClusterIP, and where it has a node port, that one of each node address. */
    private static List<Front> fronts(InetAddress clusterIp, JsonNode port) {
        String protocol = port.path("protocol").asString("TCP");
        List<Front> fronts = new ArrayList<>();
        if (protocol.equals("SCTP")) {
            return fronts;
        }
        boolean udp = protocol.equals("UDP");
        fronts.add(new Front(udp, at(clusterIp, Json.number(port, "/port", 0))));
        int nodePort = Json.number(port, "/nodePort", 0);
        if (nodePort != 0) {
            boolean v4 = clusterIp.getAddress().length == 4;
            for (String address : v4 ? NODE_V4 : List.of(NodeNetwork.NODE_ADDRESS_V6)) {
                fronts.add(new Front(udp, at(InetAddress.ofLiteral(address), nodePort)));
            }
        }
        return fronts;
    }

    private static InetSocketAddress at(InetAddress address, int port) {
        return new InetSocketAddress(address, port);
    }

    /** Something that listens on one {@link Front}. */
    interface Forward extends AutoCloseable {

        /** Replaces the endpoints for what comes in from now on. */
        void endpoints(Endpoints endpoints);

        @Override
        void close();
    }
}
