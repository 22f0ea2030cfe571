package tp.incluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.spi.common.Cidr;

/**
 * Where ClusterIPs come from in a cluster that has no ServiceCIDRs (before Kubernetes 1.33), or
 * does not show them. Each way needs a right that the manager may not have; then the next is tried.
 */
final class ServiceRanges {

    /**
     * Addresses for documentation (RFC 5737, RFC 3849), which no cluster gives to a Service: the
     * refusal names the range. With dryRun nothing would be made either way; without it Kubernetes
     * names the range no more since 1.33.
     */
    private static final List<String> PROBES = List.of("198.51.100.1", "2001:db8::1");

    private static final Pattern TOLD =
            Pattern.compile("range of valid IPs is ([0-9A-Fa-f.:]+/[0-9]+)");

    /** In the YAML of kubeadm's ClusterConfiguration; two ranges have a comma between them. */
    private static final Pattern SUBNET =
            Pattern.compile("(?m)^\\s*serviceSubnet:\\s*[\"']?([0-9A-Fa-f.:/, ]+)");

    private static final String KUBEADM =
            "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";

    private ServiceRanges() {}

    /** {@return what the first way that works tells, nothing where none does} */
    static List<Cidr> read(HttpCalls calls, String namespace) throws IOException {
        List<Cidr> told = new ArrayList<>();
        for (String probe : PROBES) {
            told.addAll(refused(calls, namespace, probe));
        }
        return told.isEmpty() ? kubeadm(calls) : List.copyOf(told);
    }

    private static List<Cidr> refused(HttpCalls calls, String namespace, String address)
            throws IOException {
        ObjectNode service =
                HttpCalls.JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Service");
        service.putObject("metadata").put("generateName", "tp-range-");
        ObjectNode spec = service.putObject("spec").put("clusterIP", address);
        spec.putArray("ports").addObject().put("port", 443);
        try {
            calls.call("POST", "/api/v1/namespaces/" + namespace + "/services?dryRun=All", service);
            return List.of();
        } catch (ApiException e) {
            return ranges(TOLD.matcher(String.valueOf(e.getMessage())));
        }
    }

    private static List<Cidr> kubeadm(HttpCalls calls) throws IOException {
        try {
            JsonNode config = calls.read(KUBEADM).path("data").path("ClusterConfiguration");
            return ranges(SUBNET.matcher(ResourceKind.text(config)));
        } catch (ApiException e) {
            return List.of();
        }
    }

    private static List<Cidr> ranges(Matcher found) {
        return found.find()
                ? Stream.of(found.group(1).split("[, ]+")).flatMap(ServiceRanges::range).toList()
                : List.of();
    }

    private static Stream<Cidr> range(String text) {
        try {
            return Stream.of(Cidr.parse(text));
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }
}
