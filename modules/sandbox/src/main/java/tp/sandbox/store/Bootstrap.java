package tp.sandbox.store;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What is in a cluster before anybody has made anything. */
final class Bootstrap {

    private Bootstrap() {}

    static void fill(ObjectStore store) {
        for (String name : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            ObjectNode namespace = Meta.newObject();
            Meta.of(namespace).put("name", name);
            store.create(Resources.NAMESPACES, namespace);
        }
        ObjectNode ranges = Meta.newObject();
        Meta.of(ranges).put("name", "kubernetes");
        ranges.withObject("/spec")
                .putArray("cidrs")
                .add(ServiceAddresses.IPV4.text())
                .add(ServiceAddresses.IPV6.text());
        ObjectNode condition = ranges.withObject("/status").putArray("conditions").addObject();
        condition.put("type", "Ready").put("status", "True").put("reason", "").put("message", "");
        store.create(Resources.SERVICE_CIDRS, ranges);
        store.create(Resources.SERVICES, kubernetesService());
    }

    private static ObjectNode kubernetesService() {
        ObjectNode service = Meta.newObject();
        ObjectNode metadata =
                Meta.of(service).put("name", "kubernetes").put("namespace", "default");
        metadata.putObject("labels").put("component", "apiserver").put("provider", "kubernetes");
        ObjectNode spec = service.putObject("spec").put("clusterIP", "10.96.0.1");
        spec.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", 443)
                .put("targetPort", 6443);
        return service;
    }
}
