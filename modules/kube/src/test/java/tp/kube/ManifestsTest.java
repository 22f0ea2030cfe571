package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The manager gets what it needs in the cluster and no more: docs/rbac.md. */
class ManifestsTest {

    private final List<HasMetadata> objects =
            ManagerManifests.objects(java.util.Optional.empty(), Level.WHOLE_CLUSTER);

    @Test
    void theRolesAreExactlyTheseAndHaveNoWildcard() {
        assertThat(rules("ClusterRole", "tp-manager"))
                .containsExactly(
                        "[authentication.k8s.io] [tokenreviews] [] [create]",
                        "[authorization.k8s.io] [subjectaccessreviews] [] [create]",
                        "[] [services pods namespaces nodes] [] [list watch]",
                        "[discovery.k8s.io] [endpointslices] [] [list watch]",
                        "[networking.k8s.io] [servicecidrs] [] [list watch]");
        assertThat(rules("Role", "tp-manager"))
                .containsExactly(
                        "[] [configmaps secrets] [] [create]",
                        "[] [configmaps] [tp-manager-info] [get update]",
                        "[] [secrets] [tp-manager-key] [get]");
        assertThat(rules("ClusterRole", "tp-connect"))
                .containsExactly("[tp.dev] [sessions] [] [connect]");
        assertThat(rules("Role", "tp-user"))
                .containsExactly(
                        "[] [configmaps] [tp-manager-info] [get]",
                        "[] [serviceaccounts/token] [tp-client] [create]",
                        "[] [pods] [] [list]",
                        "[] [pods/portforward] [] [get create]",
                        "[] [services/proxy] [https:tp-manager:websocket] [get]");
        assertThat(objects.stream().filter(o -> o.getKind().endsWith("Role"))).hasSize(4);
    }

    @Test
    void thePodKeepsTheRestrictedPodSecurityStandard() {
        Deployment deployment =
                objects.stream()
                        .filter(Deployment.class::isInstance)
                        .map(Deployment.class::cast)
                        .findFirst()
                        .orElseThrow();
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        Container container = pod.getContainers().getFirst();

        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65_532);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType())
                .isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isNullOrEmpty();
        assertThat(container.getTerminationMessagePolicy()).isEqualTo("FallbackToLogsOnError");
        assertThat(container.getResources().getLimits()).containsKey("memory");
        assertThat(container.getReadinessProbe().getTcpSocket().getPort().getStrVal())
                .isEqualTo("session");
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getContainers()).hasSize(1);
    }

    /** The names are those of the transports that listen there. */
    @Test
    void thePortsOfTransportsAreThoseOfThePodAndAreExposed() {
        List<String> exposed =
                objects.stream()
                        .filter(Service.class::isInstance)
                        .map(Service.class::cast)
                        .filter(service -> "NodePort".equals(service.getSpec().getType()))
                        .flatMap(service -> service.getSpec().getPorts().stream())
                        .map(
                                port ->
                                        port.getName()
                                                + " "
                                                + port.getPort()
                                                + " "
                                                + port.getProtocol()
                                                + " to "
                                                + port.getTargetPort().getStrVal())
                        .toList();
        List<String> ofPod =
                objects.stream()
                        .filter(Deployment.class::isInstance)
                        .map(Deployment.class::cast)
                        .flatMap(
                                one ->
                                        one
                                                .getSpec()
                                                .getTemplate()
                                                .getSpec()
                                                .getContainers()
                                                .stream())
                        .flatMap(container -> container.getPorts().stream())
                        .map(
                                port ->
                                        port.getName()
                                                + " "
                                                + port.getContainerPort()
                                                + " "
                                                + port.getProtocol())
                        .toList();

        assertThat(exposed).contains("grpc 8444 TCP to grpc", "quic 8446 UDP to quic");
        assertThat(ofPod).contains("session 8443 TCP", "grpc 8444 TCP", "quic 8446 UDP");
    }

    @Test
    void allBelongsToOneNamespaceAndCarriesTheLabelOfTheManager() {
        assertThat(objects)
                .hasSize(14)
                .allSatisfy(
                        object ->
                                assertThat(object.getMetadata().getLabels())
                                        .containsEntry(
                                                "app.kubernetes.io/name", ManagerObjects.NAME))
                .allSatisfy(
                        object ->
                                assertThat(object.getMetadata().getNamespace())
                                        .isIn(null, ManagerObjects.NAMESPACE));
    }

    private List<String> rules(String kind, String name) {
        HasMetadata role =
                objects.stream()
                        .filter(object -> object.getKind().equals(kind))
                        .filter(object -> object.getMetadata().getName().equals(name))
                        .findFirst()
                        .orElseThrow();
        JsonNode json =
                JsonMapper.shared()
                        .readTree(io.fabric8.kubernetes.client.utils.Serialization.asJson(role));
        return json.path("rules")
                .valueStream()
                .map(
                        rule ->
                                list(rule.path("apiGroups"))
                                        + " "
                                        + list(rule.path("resources"))
                                        + " "
                                        + list(rule.path("resourceNames"))
                                        + " "
                                        + list(rule.path("verbs")))
                .toList();
    }

    private static String list(JsonNode values) {
        return "["
                + String.join(" ", values.valueStream().map(JsonNode::asString).toList()).strip()
                + "]";
    }
}
