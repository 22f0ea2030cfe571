package tp.kube;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tp.spi.transport.Endpoint;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;

/** What the manager's objects in the cluster say. */
final class ManagerObjects {

    /** Of a manager for the whole cluster. */
    static final String NAMESPACE = "tp-system";

    static final String NAME = "tp-manager";
    static final String INFO = "tp-manager-info";
    static final String KEY = "tp-manager-key";
    static final String LABEL_KEY = "app.kubernetes.io/name";
    static final String LABEL = LABEL_KEY + "=" + NAME;

    /** Base64 of the 32 bytes of a SHA-256. */
    private static final Pattern PIN = Pattern.compile("[A-Za-z0-9+/]{43}=");

    private static final int MAX_ENDPOINTS = 64;

    /** Reasons for which a container waits while all is well. */
    private static final Set<String> PASSING = Set.of("ContainerCreating", "PodInitializing");

    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private ManagerObjects() {}

    /**
     * {@return what is published, empty while it is incomplete or not plausible}
     *
     * @param data of the ConfigMap
     * @param home the namespace that it is in
     */
    static Optional<ManagerInfo> info(JsonNode data, String home, ManagerPod pod) {
        String pin = text(data, "spki-sha256").strip();
        String uid = text(data, "uid").strip();
        String port = text(data, "port").strip();
        if (!PIN.matcher(pin).matches()
                || !UID.matcher(uid).matches()
                || !port.matches("[1-9][0-9]{0,4}")
                || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        var location = new ManagerLocation(home, pod.name(), Integer.parseInt(port));
        String version = Failures.oneLine(data.path("version").asString("unknown"));
        return Optional.of(
                new ManagerInfo(new ServerPin(pin), uid, version, location, endpoints(data)));
    }

    private static String text(JsonNode data, String field) {
        return data.path(field).asString("");
    }

    private static List<Endpoint> endpoints(JsonNode data) {
        return text(data, "endpoints")
                .lines()
                .limit(MAX_ENDPOINTS)
                .map(Endpoint::parse)
                .flatMap(Optional::stream)
                .filter(endpoint -> endpoint.source() != Endpoint.Source.GIVEN)
                .toList();
    }

    /** {@return a pod that takes connections: the youngest one} */
    static Optional<ManagerPod> ready(List<ManagerPod> pods) {
        return pods.stream()
                .filter(ManagerPod::isReady)
                .max(Comparator.comparing(ManagerPod::created));
    }

    /** {@return one line on how far the pods are} */
    static String state(List<ManagerPod> pods) {
        return pods.stream()
                .filter(pod -> !pod.deleting())
                .max(Comparator.comparing(ManagerPod::created))
                .map(pod -> "pod " + pod.name() + ": " + state(pod))
                .orElse("no pod yet");
    }

    private static String state(ManagerPod pod) {
        return pod.containers().stream()
                .map(ManagerObjects::waiting)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> unschedulable(pod))
                .orElseGet(() -> pod.isReady() ? "ready" : phase(pod) + ", not ready yet");
    }

    private static String phase(ManagerPod pod) {
        return pod.phase().isEmpty() ? "Pending" : pod.phase();
    }

    private static Optional<String> unschedulable(ManagerPod pod) {
        return pod.conditions().stream()
                .filter(condition -> condition.type().equals("PodScheduled"))
                .filter(condition -> condition.status().equals("False"))
                .map(condition -> "not scheduled: " + condition.message())
                .findFirst();
    }

    /** {@return why a container cannot start, for reasons that time alone does not heal} */
    static Optional<String> obstacle(
            List<ManagerPod> pods, Supplier<Optional<Deployment>> deployment) {
        return pods.stream()
                .filter(pod -> !pod.deleting())
                .flatMap(pod -> pod.containers().stream())
                .filter(container -> !PASSING.contains(container.reason()))
                .map(ManagerObjects::waiting)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> deployment.get().flatMap(ManagerObjects::replicaFailure));
    }

    /** {@return whether all pods are of the Deployment as it was applied last} */
    static boolean isRolledOut(Deployment deployment) {
        DeploymentStatus status = deployment.getStatus();
        int wanted = deployment.getSpec() == null ? 1 : number(deployment.getSpec().getReplicas());
        return status != null
                && status.getObservedGeneration() != null
                && status.getObservedGeneration() >= deployment.getMetadata().getGeneration()
                && number(status.getUpdatedReplicas()) == wanted
                && number(status.getReplicas()) == wanted
                && number(status.getAvailableReplicas()) >= wanted;
    }

    private static int number(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    /** Quota, Pod Security and other admission: the pod is never created. */
    private static Optional<String> replicaFailure(Deployment deployment) {
        if (deployment.getStatus() == null || deployment.getStatus().getConditions() == null) {
            return Optional.empty();
        }
        return deployment.getStatus().getConditions().stream()
                .filter(condition -> "ReplicaFailure".equals(condition.getType()))
                .filter(condition -> "True".equals(condition.getStatus()))
                .map(DeploymentCondition::getMessage)
                .map(message -> message == null ? "" : Failures.oneLine(message))
                .findFirst();
    }

    private static Optional<String> waiting(ManagerPod.Container container) {
        if (container.reason().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Stream.of(container.reason(), container.message(), crash(container))
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining(", ")));
    }

    /** {@return how it ended the last time, which is why it waits, empty if it never ran} */
    private static String crash(ManagerPod.Container container) {
        return container
                .last()
                .map(
                        last ->
                                "it ended with exit code "
                                        + last.exitCode()
                                        + Stream.of(last.reason(), last.message())
                                                .filter(
                                                        part ->
                                                                !part.isEmpty()
                                                                        && !part.equals("Error"))
                                                .map(part -> ", " + part)
                                                .collect(Collectors.joining()))
                .orElse("");
    }
}
