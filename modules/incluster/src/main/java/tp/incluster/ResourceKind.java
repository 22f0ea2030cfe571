package tp.incluster;

import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tp.spi.common.Cidr;

/** A kind of object that can be listed and watched, over all namespaces or in one. */
public final class ResourceKind<T extends ClusterObject> {

    public static final ResourceKind<ClusterObject.Service> SERVICES =
            new ResourceKind<>("/api/v1/services", ResourceKind::service);
    public static final ResourceKind<ClusterObject.EndpointSlice> ENDPOINT_SLICES =
            new ResourceKind<>("/apis/discovery.k8s.io/v1/endpointslices", ResourceKind::slice);
    public static final ResourceKind<ClusterObject.Pod> PODS =
            new ResourceKind<>("/api/v1/pods", ResourceKind::pod);
    public static final ResourceKind<ClusterObject.Namespace> NAMESPACES =
            new ResourceKind<>(
                    "/api/v1/namespaces", node -> new ClusterObject.Namespace(name(node)));
    public static final ResourceKind<ClusterObject.ServiceCidr> SERVICE_CIDRS =
            new ResourceKind<>("/apis/networking.k8s.io/v1/servicecidrs", ResourceKind::cidrs);
    public static final ResourceKind<ClusterObject.Node> NODES =
            new ResourceKind<>("/api/v1/nodes", ResourceKind::node);

    private static final String IN = "/namespaces/";

    private final String path;
    private final Function<JsonNode, T> parser;

    private ResourceKind(String path, Function<JsonNode, T> parser) {
        this.path = path;
        this.parser = parser;
    }

    String path() {
        return path;
    }

    /** {@return the objects of that kind in one namespace} */
    public ResourceKind<T> in(String namespace) {
        int name = path.lastIndexOf('/');
        return new ResourceKind<>(
                path.substring(0, name) + IN + namespace + path.substring(name), parser);
    }

    /** {@return the object, or nothing where it has no name: then it is no object} */
    Optional<T> parse(JsonNode node) {
        return name(node).isEmpty() ? Optional.empty() : Optional.of(parser.apply(node));
    }

    /** {@return the one in which it is; empty: all} */
    public String namespace() {
        int begin = path.indexOf(IN);
        return begin < 0 ? "" : path.substring(begin + IN.length(), path.lastIndexOf('/'));
    }

    @Override
    public String toString() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return namespace().isEmpty() ? name : name + " of " + namespace();
    }

    private static ClusterObject.Service service(JsonNode node) {
        JsonNode spec = node.path("spec");
        return new ClusterObject.Service(
                namespace(node),
                name(node),
                Stream.concat(Stream.of(spec.path("clusterIP")), elements(spec.path("clusterIPs")))
                        .flatMap(ResourceKind::address)
                        .distinct()
                        .toList());
    }

    private static ClusterObject.EndpointSlice slice(JsonNode node) {
        return new ClusterObject.EndpointSlice(
                namespace(node),
                name(node),
                elements(node.path("endpoints"))
                        .flatMap(endpoint -> elements(endpoint.path("addresses")))
                        .flatMap(ResourceKind::address)
                        .distinct()
                        .toList());
    }

    private static ClusterObject.Pod pod(JsonNode node) {
        JsonNode status = node.path("status");
        String phase = text(status.path("phase"));
        return new ClusterObject.Pod(
                namespace(node),
                name(node),
                Stream.concat(
                                Stream.of(status.path("podIP")),
                                elements(status.path("podIPs")).map(one -> one.path("ip")))
                        .flatMap(ResourceKind::address)
                        .distinct()
                        .toList(),
                node.path("spec").path("hostNetwork").asBoolean(false),
                phase.equals("Succeeded") || phase.equals("Failed"));
    }

    private static ClusterObject.ServiceCidr cidrs(JsonNode node) {
        return new ClusterObject.ServiceCidr(
                name(node),
                elements(node.path("spec").path("cidrs")).flatMap(ResourceKind::cidr).toList());
    }

    private static ClusterObject.Node node(JsonNode node) {
        JsonNode spec = node.path("spec");
        return new ClusterObject.Node(
                name(node),
                elements(node.path("status").path("addresses"))
                        .flatMap(one -> address(one.path("address")))
                        .distinct()
                        .toList(),
                Stream.concat(Stream.of(spec.path("podCIDR")), elements(spec.path("podCIDRs")))
                        .flatMap(ResourceKind::cidr)
                        .distinct()
                        .toList());
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return array.isArray() ? array.values().stream() : Stream.empty();
    }

    private static Stream<InetAddress> address(JsonNode node) {
        try {
            return Stream.of(InetAddress.ofLiteral(text(node)));
        } catch (IllegalArgumentException e) {
            return Stream.empty(); // "None" of a headless service, or a node's host name
        }
    }

    private static Stream<Cidr> cidr(JsonNode node) {
        try {
            return Stream.of(Cidr.parse(text(node)));
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }

    private static String name(JsonNode node) {
        return text(node.path("metadata").path("name"));
    }

    private static String namespace(JsonNode node) {
        return text(node.path("metadata").path("namespace"));
    }

    static String text(JsonNode node) {
        return node.isString() ? node.stringValue() : "";
    }
}
