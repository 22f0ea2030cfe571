package tp.sandbox.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
 * Carries ClusterIP traffic in user space. The node holds every ClusterIP as a local address; this
 * listens on the ports of those Services that have a ready endpoint. Where nobody listens the
 * kernel refuses, as kube-proxy's REJECT does for a Service without endpoints.
 */
final class ServiceProxy {

    private static final System.Logger LOG = System.getLogger("tp.sandbox.proxy");

    /** The API server and the cluster's DNS listen on their addresses themselves. */
    private static final Set<String> SERVED_BY_NODE =
            Set.of(
                    NodeNetwork.API_SERVICE_ADDRESS,
                    NodeNetwork.DNS_SERVICE_ADDRESS,
                    NodeNetwork.DNS_SERVICE_ADDRESS_V6);

    /** One port of one ClusterIP. */
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
        Map<Front, List<InetSocketAddress>> wanted = wanted();
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

    private void serve(Front front, List<InetSocketAddress> endpoints) {
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

    private Map<Front, List<InetSocketAddress>> wanted() {
        Map<Front, List<InetSocketAddress>> wanted = new HashMap<>();
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
                    List<InetSocketAddress> endpoints =
                            Slices.ready(slices, service, port, address);
                    String protocol = port.path("protocol").asString("TCP");
                    if (!endpoints.isEmpty() && !protocol.equals("SCTP")) {
                        int number = Json.number(port, "/port", 0);
                        wanted.put(
                                new Front(
                                        protocol.equals("UDP"),
                                        new InetSocketAddress(address, number)),
                                endpoints);
                    }
                }
            }
        }
        return wanted;
    }

    /** Something that listens on one {@link Front}. */
    interface Forward extends AutoCloseable {

        /** Replaces the endpoints for what comes in from now on. Never empty. */
        void endpoints(List<InetSocketAddress> endpoints);

        @Override
        void close();
    }
}
