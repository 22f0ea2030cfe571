package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.spi.transport.Endpoint;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;

/** What the manager's objects in the cluster say. */
final class ManagerObjects {

    static final String NAMESPACE = "tp-system";
    static final String NAME = "tp-manager";
    static final String INFO = "tp-manager-info";
    static final Map<String, String> LABELS = Map.of("app.kubernetes.io/name", NAME);

    /** Base64 of the 32 bytes of a SHA-256. */
    private static final Pattern PIN = Pattern.compile("[A-Za-z0-9+/]{43}=");

    private static final int MAX_ENDPOINTS = 64;

    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private ManagerObjects() {}

    /** {@return what is published, empty while it is incomplete or not plausible} */
    static Optional<ManagerInfo> info(ConfigMap map, Pod pod) {
        Map<String, String> data = map.getData() == null ? Map.of() : map.getData();
        String pin = data.getOrDefault("spki-sha256", "").strip();
        String uid = data.getOrDefault("uid", "").strip();
        String port = data.getOrDefault("port", "").strip();
        if (!PIN.matcher(pin).matches()
                || !UID.matcher(uid).matches()
                || !port.matches("[1-9][0-9]{0,4}")
                || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        var location =
                new ManagerLocation(NAMESPACE, pod.getMetadata().getName(), Integer.parseInt(port));
        String version = Failures.oneLine(data.getOrDefault("version", "unknown"));
        return Optional.of(
                new ManagerInfo(new ServerPin(pin), uid, version, location, endpoints(data)));
    }

    private static List<Endpoint> endpoints(Map<String, String> data) {
        return data.getOrDefault("endpoints", "")
                .lines()
                .limit(MAX_ENDPOINTS)
                .map(Endpoint::parse)
                .flatMap(Optional::stream)
                .filter(endpoint -> endpoint.source() != Endpoint.Source.GIVEN)
                .toList();
    }

    /** {@return a pod that takes connections: the youngest one} */
    static Optional<Pod> ready(List<Pod> pods) {
        return pods.stream()
                .filter(ManagerObjects::isReady)
                .max(Comparator.comparing(pod -> created(pod)));
    }

    private static boolean isReady(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && conditions(pod)
                        .anyMatch(
                                condition ->
                                        "Ready".equals(condition.getType())
                                                && "True".equals(condition.getStatus()));
    }

    private static String created(Pod pod) {
        String created = pod.getMetadata().getCreationTimestamp();
        return created == null ? "" : created;
    }

    private static Stream<PodCondition> conditions(Pod pod) {
        PodStatus status = pod.getStatus();
        return status == null || status.getConditions() == null
                ? Stream.empty()
                : status.getConditions().stream();
    }

    /** {@return one line on how far the pods are} */
    static String state(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .max(Comparator.comparing(pod -> created(pod)))
                .map(pod -> "pod " + pod.getMetadata().getName() + ": " + state(pod))
                .orElse("no pod yet");
    }

    private static String state(Pod pod) {
        return containers(pod)
                .map(ManagerObjects::waiting)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> unschedulable(pod))
                .orElseGet(() -> isReady(pod) ? "ready" : phase(pod) + ", not ready yet");
    }

    private static String phase(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getPhase() == null
                ? "Pending"
                : pod.getStatus().getPhase();
    }

    private static Optional<String> unschedulable(Pod pod) {
        return conditions(pod)
                .filter(condition -> "PodScheduled".equals(condition.getType()))
                .filter(condition -> "False".equals(condition.getStatus()))
                .map(condition -> "not scheduled: " + text(condition.getMessage()))
                .findFirst();
    }

    /** {@return why a container cannot start, for reasons that time alone does not heal} */
    static Optional<String> obstacle(List<Pod> pods, Optional<Deployment> deployment) {
        return pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .flatMap(ManagerObjects::containers)
                .filter(status -> !"ContainerCreating".equals(reason(status)))
                .filter(status -> !"PodInitializing".equals(reason(status)))
                .map(ManagerObjects::waiting)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> deployment.flatMap(ManagerObjects::replicaFailure));
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
                .map(ManagerObjects::text)
                .findFirst();
    }

    private static Stream<ContainerStatus> containers(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null
                ? Stream.empty()
                : pod.getStatus().getContainerStatuses().stream();
    }

    private static String reason(ContainerStatus status) {
        return status.getState() == null || status.getState().getWaiting() == null
                ? ""
                : text(status.getState().getWaiting().getReason());
    }

    private static Optional<String> waiting(ContainerStatus status) {
        String reason = reason(status);
        if (reason.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Stream.of(reason, text(status.getState().getWaiting().getMessage()), crash(status))
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining(", ")));
    }

    /** {@return how it ended the last time, which is why it waits, empty if it never ran} */
    private static String crash(ContainerStatus status) {
        if (status.getLastState() == null || status.getLastState().getTerminated() == null) {
            return "";
        }
        ContainerStateTerminated last = status.getLastState().getTerminated();
        return "it ended with exit code "
                + last.getExitCode()
                + Stream.of(text(last.getReason()), text(last.getMessage()))
                        .filter(part -> !part.isEmpty() && !part.equals("Error"))
                        .map(part -> ", " + part)
                        .collect(Collectors.joining());
    }

    private static String text(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : Failures.oneLine(text);
    }
}
