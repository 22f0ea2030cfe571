package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;

/** What is printed for others to apply. */
class ManagerRolesTest {

    @ParameterizedTest
    @CsvSource({
        "port-forward, get create on pods/portforward",
        "websocket, get on services/proxy https:tp-manager:websocket",
        "grpc, ''",
        "quic, ''",
    })
    void aUserNeedsWhatAllTransportsNeedAndWhatTheOneDoes(String transport, String more) {
        Role role =
                (Role)
                        read(ManagerRoles.ofUser(Optional.of(transport), Level.WHOLE_CLUSTER))
                                .getFirst();

        assertThat(role.getMetadata().getName()).isEqualTo("tp-user-" + transport);
        assertThat(role.getMetadata().getNamespace()).isEqualTo("tp-system");
        assertThat(told(role.getRules()))
                .containsExactlyElementsOf(
                        Stream.of(
                                        "get on configmaps tp-manager-info",
                                        "create on serviceaccounts/token tp-client",
                                        "list on pods",
                                        more)
                                .filter(rule -> !rule.isEmpty())
                                .toList());
    }

    /** {@code tp doctor} asks about what is granted, and about nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"port-forward", "websocket", "grpc"})
    void whatIsAskedAboutIsWhatIsGranted(String transport) {
        Role role =
                (Role)
                        read(ManagerRoles.ofUser(Optional.of(transport), Level.WHOLE_CLUSTER))
                                .getFirst();

        assertThat(
                        UserRight.of("tp-system", "tp-client").stream()
                                .filter(
                                        right ->
                                                right.transport().isEmpty()
                                                        || right.transport().equals(transport))
                                .map(UserRight::told))
                .containsExactlyInAnyOrderElementsOf(
                        role.getRules().stream().flatMap(ManagerRolesTest::each).toList());
    }

    private static Stream<String> each(PolicyRule rule) {
        List<String> names =
                rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
        return rule.getVerbs().stream()
                .flatMap(
                        verb ->
                                rule.getResources().stream()
                                        .flatMap(
                                                resource ->
                                                        names.stream()
                                                                .map(
                                                                        name ->
                                                                                new UserRight(
                                                                                                "tp-system",
                                                                                                verb,
                                                                                                resource,
                                                                                                name,
                                                                                                "")
                                                                                        .told())));
    }

    @Test
    void withoutATransportAUserNeedsTheRoleOfTheManifests() {
        Role whole =
                ManagerManifests.objects(Optional.empty(), Level.WHOLE_CLUSTER).stream()
                        .filter(one -> one.getMetadata().getName().equals("tp-user"))
                        .map(Role.class::cast)
                        .findFirst()
                        .orElseThrow();

        assertThat(read(ManagerRoles.ofUser(Optional.empty(), Level.WHOLE_CLUSTER)))
                .containsExactly(whole);
    }

    @Test
    void withoutAManagerAUserReadsWhatLeadsWhereAndForwardsPorts() {
        Role role = (Role) read(ManagerRoles.ofAgentless(List.of())).getFirst();

        assertThat(role.getMetadata().getName()).isEqualTo("tp-agentless");
        assertThat(role.getMetadata().getNamespace()).isNull();
        assertThat(role.getRules())
                .flatExtracting(
                        rule ->
                                rule.getResources().stream()
                                        .map(one -> rule.getVerbs() + " " + one)
                                        .toList())
                .containsExactly(
                        "[list, watch] services",
                        "[list, watch] pods",
                        "[list, watch] endpointslices",
                        "[get, create] pods/portforward");
    }

    @Test
    void withoutAManagerEachNamespaceHasTheSameRole() {
        assertThat(read(ManagerRoles.ofAgentless(List.of("a", "b"))))
                .extracting(one -> one.getMetadata().getNamespace())
                .containsExactly("a", "b");
    }

    @Test
    void rightsOfAnUnknownTransportAreNotGuessed() {
        assertThatThrownBy(() -> ManagerRoles.ofUser(Optional.of("pigeon"), Level.WHOLE_CLUSTER))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e ->
                                assertThat(e.line())
                                        .isEqualTo(
                                                "which rights the transport 'pigeon' needs is not"
                                                        + " known; known are: grpc, port-forward,"
                                                        + " quic, websocket"));
    }

    /** Kubernetes lets nobody grant what he does not hold. */
    @Test
    void whoeverInstallsHoldsEveryRightThatHeGrants() {
        List<HasMetadata> shown = read(ManagerRoles.ofInstaller(Level.WHOLE_CLUSTER));
        ClusterRole everywhere = (ClusterRole) shown.get(1);
        Role inside = (Role) shown.get(2);

        assertThat(shown.getFirst().getKind()).isEqualTo("Namespace");
        assertThat(told(everywhere.getRules()))
                .contains(
                        "get create patch delete on namespaces",
                        "get create patch delete on clusterroles clusterrolebindings");
        assertThat(told(inside.getRules()))
                .contains(
                        "get create patch delete on serviceaccounts services configmaps",
                        "get create patch delete on deployments",
                        "get create patch delete on roles rolebindings",
                        "get delete on secrets tp-manager-key");
        for (HasMetadata object : ManagerManifests.objects(Optional.empty(), Level.WHOLE_CLUSTER)) {
            if (object instanceof ClusterRole role) {
                assertThat(everywhere.getRules()).containsAll(role.getRules());
            } else if (object instanceof Role role) {
                assertThat(inside.getRules()).containsAll(role.getRules());
            }
        }
    }

    @Test
    void theManagersRolesAreThoseOfTheManifests() {
        assertThat(read(ManagerRoles.ofManager(Level.WHOLE_CLUSTER)))
                .extracting(one -> one.getKind() + " " + one.getMetadata().getName())
                .containsExactly(
                        "ClusterRole tp-manager", "Role tp-manager", "ClusterRole tp-connect");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tp-manager",
                "localhost:5000/tp/manager:0.1.0-x",
                "registry.example/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            })
    void anImageIsThatOfTheDeploymentAndNothingElseChanges(String image) {
        List<HasMetadata> usual = ManagerManifests.objects(Optional.empty(), Level.WHOLE_CLUSTER);
        List<HasMetadata> own =
                read(ManagerManifests.yaml(Optional.of(image), Level.WHOLE_CLUSTER));

        assertThat(own.stream().filter(one -> !(one instanceof Deployment)))
                .containsExactlyElementsOf(
                        usual.stream().filter(one -> !(one instanceof Deployment)).toList());
        assertThat(
                        ((Deployment) own.getLast())
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getImage())
                .isEqualTo(image);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a b", "x\"\nkind: Secret", "-x", "a:", "a//b", "a@sha256:1", "a:b:c"})
    void whatIsNoNameOfAnImageIsRefused(String image) {
        assertThatThrownBy(() -> new Delivery.Image(image))
                .isInstanceOf(TpException.class)
                .hasMessageStartingWith("no image can be called");
        assertThatThrownBy(() -> new Delivery.ConfigMaps(Optional.of(image), Path.of("/")))
                .isInstanceOf(TpException.class);
        assertThatThrownBy(() -> ManagerManifests.yaml(Optional.of(image), Level.WHOLE_CLUSTER))
                .isInstanceOf(TpException.class);
    }

    private static List<HasMetadata> read(String yaml) {
        assertThat(yaml).endsWith("\n");
        Object read = new KubernetesSerialization().unmarshal(yaml);
        List<?> objects = read instanceof List<?> list ? list : List.of(read);
        return objects.stream()
                .map(KubernetesResource.class::cast)
                .map(HasMetadata.class::cast)
                .toList();
    }

    private static List<String> told(List<PolicyRule> rules) {
        return rules.stream()
                .map(
                        rule ->
                                String.join(" ", rule.getVerbs())
                                        + " on "
                                        + String.join(" ", rule.getResources())
                                        + String.join(
                                                "",
                                                rule.getResourceNames().stream()
                                                        .map(name -> " " + name)
                                                        .toList()))
                .toList();
    }
}
