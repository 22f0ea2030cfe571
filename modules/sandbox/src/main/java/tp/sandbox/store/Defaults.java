package tp.sandbox.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a real API server writes where the author wrote nothing. */
final class Defaults {

    private Defaults() {}

    static void fill(ResourceType type, ObjectNode object, Clock clock) {
        switch (type.kind()) {
            case "Namespace" -> namespace(object);
            case "Pod" -> pod(object, clock);
            case "Service" -> service(object);
            case "Deployment" -> deployment(object);
            case "ReplicaSet" -> replicaSet(object);
            case "StatefulSet", "DaemonSet", "Job" -> WorkloadDefaults.fill(type, object);
            case "Secret" -> secret(object);
            case "RoleBinding", "ClusterRoleBinding" -> binding(object);
            default -> {}
        }
    }

    private static void namespace(ObjectNode object) {
        ObjectNode labels = Meta.of(object).withObjectProperty("labels");
        labels.put("kubernetes.io/metadata.name", Meta.name(object));
        if (!object.withObjectProperty("spec").has("finalizers")) {
            object.withObjectProperty("spec").putArray("finalizers").add("kubernetes");
        }
        setDefault(object.withObjectProperty("status"), "phase", "Active");
    }

    private static void pod(ObjectNode object, Clock clock) {
        ObjectNode spec = object.withObjectProperty("spec");
        podSpec(spec);
        String account = spec.path("serviceAccountName").asString("");
        if (account.isEmpty()) {
            account = spec.path("serviceAccount").asString("default");
        }
        spec.put("serviceAccountName", account).put("serviceAccount", account);
        setDefault(spec, "enableServiceLinks", true);
        ObjectNode status = object.withObjectProperty("status");
        setDefault(status, "phase", "Pending");
        setDefault(status, "qosClass", "BestEffort");
        if (!Meta.of(object).has("creationTimestamp")) {
            Meta.of(object).put("creationTimestamp", Admission.now(clock));
        }
    }

    private static void podSpec(ObjectNode spec) {
        setDefault(spec, "restartPolicy", "Always");
        setDefault(spec, "dnsPolicy", "ClusterFirst");
        setDefault(spec, "schedulerName", "default-scheduler");
        setDefault(spec, "terminationGracePeriodSeconds", 30);
        spec.putIfAbsent("securityContext", Meta.newObject());
        for (String list : List.of("initContainers", "containers")) {
            objects(spec.path(list)).forEach(Defaults::container);
        }
        for (ObjectNode volume : objects(spec.path("volumes"))) {
            for (String kind : List.of("configMap", "secret", "projected", "downwardAPI")) {
                if (volume.path(kind) instanceof ObjectNode source) {
                    setDefault(source, "defaultMode", 420);
                }
            }
        }
    }

    private static void container(ObjectNode container) {
        String image = container.path("image").asString("");
        int tag = image.lastIndexOf(':');
        boolean isLatest = tag <= image.lastIndexOf('/') || image.substring(tag).equals(":latest");
        setDefault(
                container,
                "imagePullPolicy",
                isLatest && !image.contains("@") ? "Always" : "IfNotPresent");
        container.putIfAbsent("resources", Meta.newObject());
        setDefault(container, "terminationMessagePath", "/dev/termination-log");
        setDefault(container, "terminationMessagePolicy", "File");
        objects(container.path("ports")).forEach(port -> setDefault(port, "protocol", "TCP"));
        for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.path(name) instanceof ObjectNode probe) {
                probe(probe);
            }
        }
    }

    private static void probe(ObjectNode probe) {
        setDefault(probe, "timeoutSeconds", 1);
        setDefault(probe, "periodSeconds", 10);
        setDefault(probe, "successThreshold", 1);
        setDefault(probe, "failureThreshold", 3);
        if (probe.path("httpGet") instanceof ObjectNode get) {
            setDefault(get, "path", "/");
            setDefault(get, "scheme", "HTTP");
        }
    }

    private static void service(ObjectNode object) {
        ObjectNode spec = object.withObjectProperty("spec");
        setDefault(spec, "type", "ClusterIP");
        setDefault(spec, "sessionAffinity", "None");
        String type = spec.path("type").asString("");
        if (!type.equals("ExternalName")) {
            setDefault(spec, "internalTrafficPolicy", "Cluster");
        }
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            setDefault(spec, "externalTrafficPolicy", "Cluster");
        }
        if (type.equals("LoadBalancer")) {
            setDefault(spec, "allocateLoadBalancerNodePorts", true);
        }
        for (ObjectNode port : objects(spec.path("ports"))) {
            setDefault(port, "protocol", "TCP");
            if (!port.hasNonNull("targetPort") && port.has("port")) {
                port.set("targetPort", port.path("port"));
            }
        }
        object.withObjectProperty("status").withObjectProperty("loadBalancer");
    }

    private static void deployment(ObjectNode object) {
        ObjectNode spec = object.withObjectProperty("spec");
        setDefault(spec, "replicas", 1);
        setDefault(spec, "revisionHistoryLimit", 10);
        setDefault(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = spec.withObjectProperty("strategy");
        setDefault(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asString("").equals("RollingUpdate")) {
            ObjectNode rolling = strategy.withObjectProperty("rollingUpdate");
            setDefault(rolling, "maxSurge", "25%");
            setDefault(rolling, "maxUnavailable", "25%");
        }
        template(spec);
        object.withObjectProperty("status");
    }

    private static void replicaSet(ObjectNode object) {
        ObjectNode spec = object.withObjectProperty("spec");
        setDefault(spec, "replicas", 1);
        template(spec);
        setDefault(object.withObjectProperty("status"), "replicas", 0);
    }

    static void template(ObjectNode spec) {
        if (spec.path("template").path("spec") instanceof ObjectNode pod) {
            podSpec(pod);
        }
    }

    /** {@code stringData} is for writing only: it ends up in {@code data}. */
    private static void secret(ObjectNode object) {
        setDefault(object, "type", "Opaque");
        JsonNode plain = object.path("stringData");
        if (plain.isObject()) {
            ObjectNode data = object.withObjectProperty("data");
            Meta.strings(plain)
                    .forEach(
                            (key, value) ->
                                    data.put(
                                            key,
                                            Base64.getEncoder()
                                                    .encodeToString(
                                                            value.getBytes(
                                                                    StandardCharsets.UTF_8))));
        }
        object.remove("stringData");
    }

    private static void binding(ObjectNode object) {
        if (object.path("roleRef") instanceof ObjectNode role) {
            setDefault(role, "apiGroup", "rbac.authorization.k8s.io");
        }
        for (ObjectNode subject : objects(object.path("subjects"))) {
            boolean isAccount = subject.path("kind").asString("").equals("ServiceAccount");
            if (!isAccount) {
                setDefault(subject, "apiGroup", "rbac.authorization.k8s.io");
            }
        }
    }

    static List<ObjectNode> objects(JsonNode array) {
        return array.isArray()
                ? array.valueStream()
                        .filter(ObjectNode.class::isInstance)
                        .map(ObjectNode.class::cast)
                        .toList()
                : List.of();
    }

    static void setDefault(ObjectNode object, String name, String value) {
        if (!object.hasNonNull(name) || object.path(name).asString("x").isEmpty()) {
            object.put(name, value);
        }
    }

    static void setDefault(ObjectNode object, String name, int value) {
        if (!object.hasNonNull(name)) {
            object.put(name, value);
        }
    }

    static void setDefault(ObjectNode object, String name, boolean value) {
        if (!object.hasNonNull(name)) {
            object.put(name, value);
        }
    }
}
