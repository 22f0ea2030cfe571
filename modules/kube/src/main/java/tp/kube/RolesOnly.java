package tp.kube;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The manager's objects without any of the cluster's scope: the same as for the whole cluster, in
 * the first of some namespaces, and a Role in each of them in the place of the ClusterRoles.
 */
final class RolesOnly {

    /** By which the manager knows that it covers these alone; with commas between them. */
    static final String VARIABLE = "TP_NAMESPACES";

    private final Level.Namespaces level;

    private RolesOnly(Level.Namespaces level) {
        this.level = level;
    }

    /**
     * {@return the objects}
     *
     * @param whole those of the whole cluster; they are not changed
     */
    static List<HasMetadata> of(List<HasMetadata> whole, Level.Namespaces level) {
        RolesOnly roles = new RolesOnly(level);
        List<HasMetadata> objects = new ArrayList<>();
        for (HasMetadata object : whole) {
            if (object instanceof Namespace
                    || object instanceof ClusterRole
                    || object instanceof ClusterRoleBinding) {
                continue;
            }
            if (object instanceof Deployment) {
                // What its pod may do comes before it.
                level.names().forEach(name -> objects.addAll(roles.grants(name)));
            }
            objects.add(roles.moved(object));
        }
        return objects;
    }

    /** {@return at which level a Deployment of the manager was made} */
    static Level levelOf(Deployment deployment) {
        return Stream.ofNullable(deployment.getSpec())
                .flatMap(spec -> spec.getTemplate().getSpec().getContainers().stream())
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals(VARIABLE))
                .map(EnvVar::getValue)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .<Level>map(value -> new Level.Namespaces(List.of(value.split(",", -1))))
                .orElse(Level.WHOLE_CLUSTER);
    }

    private HasMetadata moved(HasMetadata object) {
        HasMetadata moved =
                switch (object) {
                    case Deployment deployment -> covering(deployment);
                    case RoleBinding binding ->
                            new RoleBindingBuilder(binding)
                                    .editFirstSubject()
                                    .withNamespace(level.home())
                                    .endSubject()
                                    .build();
                    default -> object;
                };
        moved.getMetadata().setNamespace(level.home());
        return moved;
    }

    private Deployment covering(Deployment deployment) {
        return new DeploymentBuilder(deployment)
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .addNewEnv()
                .withName(VARIABLE)
                .withValue(String.join(",", level.names()))
                .endEnv()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** What the manager sees there, and that sessions may go there. */
    private List<HasMetadata> grants(String namespace) {
        ObjectMeta manager = metadata(namespace, "tp-manager-in");
        ObjectMeta client = metadata(namespace, "tp-connect");
        return List.of(
                new RoleBuilder().withMetadata(manager).withRules(ofManager()).build(),
                binding(manager, ManagerObjects.NAME),
                new RoleBuilder().withMetadata(client).withRules(ofSessions()).build(),
                binding(client, KubeSettings.USUAL_ACCOUNT));
    }

    /** By the name of its home: several managers may cover one namespace. */
    private ObjectMeta metadata(String namespace, String role) {
        return new ObjectMetaBuilder()
                .withName(role + "-" + level.home())
                .withNamespace(namespace)
                .withLabels(Map.of(ManagerObjects.LABEL_KEY, ManagerObjects.NAME))
                .build();
    }

    /** Of the Role of that name. */
    private RoleBinding binding(ObjectMeta metadata, String account) {
        return new RoleBindingBuilder()
                .withMetadata(new ObjectMetaBuilder(metadata).build())
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", metadata.getName())
                .addNewSubject()
                .withKind("ServiceAccount")
                .withName(account)
                .withNamespace(level.home())
                .endSubject()
                .build();
    }

    private static List<PolicyRule> ofManager() {
        return List.of(
                rule("", List.of("services", "pods"), "list", "watch"),
                rule("authorization.k8s.io", List.of("localsubjectaccessreviews"), "create"));
    }

    /** Which the manager asks about: whoever administers a namespace can grant it. */
    private static List<PolicyRule> ofSessions() {
        return List.of(rule("", List.of("pods/portforward"), "create"));
    }

    private static PolicyRule rule(String group, List<String> resources, String... verbs) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resources)
                .withVerbs(verbs)
                .build();
    }
}
