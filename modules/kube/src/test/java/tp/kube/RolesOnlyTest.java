package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;

/** The manager with nothing of the cluster's scope: docs/rbac.md. */
class RolesOnlyTest {

    private static final Level.Namespaces LEVEL = new Level.Namespaces(List.of("team-a", "team-b"));

    private final List<HasMetadata> objects =
            ManagerManifests.objects(Optional.of("registry.example/m:1"), LEVEL);

    @Test
    void allIsInTheNamespacesThatAreNamed() {
        assertThat(objects)
                .allSatisfy(
                        object -> {
                            assertThat(object.getKind()).doesNotStartWith("Cluster");
                            assertThat(object.getMetadata().getNamespace())
                                    .isIn("team-a", "team-b");
                            assertThat(ManagerManifests.isOurs(object)).isTrue();
                        });
        assertThat(objects)
                .filteredOn(object -> object.getMetadata().getNamespace().equals("team-b"))
                .extracting(ManagerManifests::name)
                .containsExactly(
                        "Role tp-manager-in-team-a in team-b",
                        "RoleBinding tp-manager-in-team-a in team-b",
                        "Role tp-connect-team-a in team-b",
                        "RoleBinding tp-connect-team-a in team-b");
        assertThat(objects).extracting(HasMetadata::getKind).doesNotContain("Namespace");
    }

    @Test
    void aRoleInEachIsAllThatTheManagerHas() {
        assertThat(rules("tp-manager-in-team-a", "team-b"))
                .containsExactly(
                        "[] [services, pods] [list, watch]",
                        "[authorization.k8s.io] [localsubjectaccessreviews] [create]");
        assertThat(rules("tp-connect-team-a", "team-b"))
                .containsExactly("[] [pods/portforward] [create]");
        assertThat(objects)
                .filteredOn(RoleBinding.class::isInstance)
                .allSatisfy(
                        object -> {
                            RoleBinding binding = (RoleBinding) object;
                            assertThat(binding.getSubjects().getFirst().getNamespace())
                                    .isEqualTo("team-a");
                            assertThat(binding.getRoleRef().getKind()).isEqualTo("Role");
                        });
    }

    @Test
    void itsPodKnowsWhatItCoversAndCanBeAskedForIt() {
        Deployment deployment =
                (Deployment)
                        objects.stream()
                                .filter(Deployment.class::isInstance)
                                .findFirst()
                                .orElseThrow();

        assertThat(RolesOnly.levelOf(deployment)).isEqualTo(LEVEL);
        assertThat(
                        deployment
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getImage())
                .isEqualTo("registry.example/m:1");
        assertThat(
                        RolesOnly.levelOf(
                                (Deployment)
                                        ManagerManifests.objects(
                                                        Optional.empty(), Level.WHOLE_CLUSTER)
                                                .stream()
                                                .filter(Deployment.class::isInstance)
                                                .findFirst()
                                                .orElseThrow()))
                .isEqualTo(Level.WHOLE_CLUSTER);
    }

    @Test
    void whatIsPrintedIsWhatIsApplied() {
        String yaml = ManagerManifests.yaml(Optional.of("registry.example/m:1"), LEVEL);

        List<KubernetesResource> printed = new KubernetesSerialization().unmarshal(yaml);
        assertThat(printed).hasSameElementsAs(objects).hasSameSizeAs(objects);
        assertThat(yaml).startsWith("# tp's manager for team-a, team-b, with Roles only");
    }

    @Test
    void anInstallerHoldsInEachNamespaceWhatHeGrantsThere() {
        List<KubernetesResource> printed =
                new KubernetesSerialization().unmarshal(ManagerRoles.ofInstaller(LEVEL));

        assertThat(printed).hasSize(2).allMatch(Role.class::isInstance);
        for (HasMetadata object : objects) {
            if (object instanceof Role granted) {
                Role holder =
                        printed.stream()
                                .map(Role.class::cast)
                                .filter(
                                        role ->
                                                role.getMetadata()
                                                        .getNamespace()
                                                        .equals(
                                                                granted.getMetadata()
                                                                        .getNamespace()))
                                .findFirst()
                                .orElseThrow();
                assertThat(holder.getRules()).containsAll(granted.getRules());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Team", "a/b", "a,b", "-a"})
    void whatIsNoNamespaceIsRefused(String name) {
        assertThatThrownBy(() -> Level.named(List.of("team-a", name)))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("no namespace can be called");
    }

    private List<String> rules(String name, String namespace) {
        return objects.stream()
                .filter(Role.class::isInstance)
                .map(Role.class::cast)
                .filter(role -> role.getMetadata().getName().equals(name))
                .filter(role -> role.getMetadata().getNamespace().equals(namespace))
                .flatMap(role -> role.getRules().stream())
                .map(
                        rule ->
                                "%s %s %s"
                                        .formatted(
                                                rule.getApiGroups(),
                                                rule.getResources(),
                                                rule.getVerbs()))
                .toList();
    }
}
