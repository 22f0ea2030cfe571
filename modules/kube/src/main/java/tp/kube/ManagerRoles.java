package tp.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.spi.common.TpException;

/**
 * Roles to be shown to whoever grants rights, taken from the manifests and from what is asked for.
 */
public final class ManagerRoles {

    /** What each transport asks of the API server beside what all do. */
    private static final Map<String, List<String>> OF_TRANSPORTS =
            new TreeMap<>(
                    Map.of(
                            "grpc", List.of(),
                            "port-forward", List.of("pods/portforward"),
                            "quic", List.of(),
                            "websocket", List.of("services/proxy")));

    private static final String INSTALLER = "tp-installer";
    private static final String USER = "tp-user";
    private static final String AGENTLESS = "tp-agentless";

    private final Level level;
    private final List<HasMetadata> manifests;

    private ManagerRoles(Level level) {
        this.level = level;
        manifests = ManagerManifests.objects(Optional.empty(), level);
    }

    /**
     * {@return what whoever opens a session needs, as YAML}
     *
     * @param transport the only one to be used; empty: whichever
     * @throws TpException where it is none whose rights are known
     */
    public static String ofUser(Optional<String> transport, Level level) {
        Role whole = new ManagerRoles(level).role(USER);
        String to = " to a user, in " + level.home();
        if (transport.isEmpty()) {
            return yaml(USER + to, List.of(whole));
        }
        if (!OF_TRANSPORTS.containsKey(transport.get())) {
            throw TpException.usage(
                    "which rights the transport '" + transport.get() + "' needs is not known",
                    "known are: " + String.join(", ", OF_TRANSPORTS.keySet()));
        }
        String name = USER + "-" + transport.get();
        Role role =
                new RoleBuilder(whole)
                        .editMetadata()
                        .withName(name)
                        .endMetadata()
                        .withRules(
                                whole.getRules().stream()
                                        .filter(rule -> isNeeded(rule, transport.get()))
                                        .toList())
                        .build();
        return yaml(name + to, List.of(role));
    }

    private static boolean isNeeded(PolicyRule rule, String transport) {
        return OF_TRANSPORTS.values().stream()
                        .flatMap(Collection::stream)
                        .noneMatch(rule.getResources()::contains)
                || OF_TRANSPORTS.getOrDefault(transport, List.of()).stream()
                        .anyMatch(rule.getResources()::contains);
    }

    /**
     * {@return what whoever does without a manager needs, as YAML}
     *
     * @param namespaces that are to be reached; empty: one role, for whichever it is applied to
     */
    public static String ofAgentless(List<String> namespaces) {
        List<ObjectMeta> places =
                namespaces.isEmpty()
                        ? List.of(new ObjectMetaBuilder().withName(AGENTLESS).build())
                        : namespaces.stream()
                                .map(
                                        namespace ->
                                                new ObjectMetaBuilder()
                                                        .withName(AGENTLESS)
                                                        .withNamespace(namespace)
                                                        .build())
                                .toList();
        return yaml(
                AGENTLESS + " to a user, in each namespace that is to be reached",
                places.stream().<HasMetadata>map(ManagerRoles::agentless).toList());
    }

    private static Role agentless(ObjectMeta metadata) {
        return new RoleBuilder()
                .withMetadata(metadata)
                .withRules(
                        read("", "services", "pods"),
                        read("discovery.k8s.io", "endpointslices"),
                        // To RBAC a websocket is a get, and since Kubernetes 1.35 a create too.
                        new PolicyRuleBuilder()
                                .withApiGroups("")
                                .withResources("pods/portforward")
                                .withVerbs("get", "create")
                                .build())
                .build();
    }

    /** {@return the questions whether a user has what that role grants} */
    static List<AccessReview> agentlessRights(String namespace) {
        List<AccessReview> rights = new ArrayList<>();
        for (PolicyRule rule : agentless(new ObjectMeta()).getRules()) {
            String group = rule.getApiGroups().getFirst();
            for (String resource : rule.getResources()) {
                rule.getVerbs()
                        .forEach(
                                verb ->
                                        rights.add(
                                                new AccessReview(
                                                        verb, group, resource, namespace, "")));
            }
        }
        return rights;
    }

    private static PolicyRule read(String group, String... resources) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resources)
                .withVerbs("list", "watch")
                .build();
    }

    /** {@return what the manager may do, and what sessions reach, as YAML} */
    public static String ofManager(Level level) {
        List<HasMetadata> roles =
                new ManagerRoles(level)
                        .manifests.stream()
                                .filter(one -> one instanceof Role || one instanceof ClusterRole)
                                .filter(one -> !one.getMetadata().getName().equals(USER))
                                .toList();
        return yaml("nothing: an install binds them", roles);
    }

    /**
     * {@return what whoever installs and removes the manager needs, as YAML} What he grants he has
     * to hold himself.
     */
    public static String ofInstaller(Level level) {
        ManagerRoles roles = new ManagerRoles(level);
        List<HasMetadata> shown = new ArrayList<>();
        roles.manifests.stream().filter(Namespace.class::isInstance).forEach(shown::add);
        if (level instanceof Level.WholeCluster) {
            shown.add(
                    new ClusterRoleBuilder()
                            .withMetadata(metadata(""))
                            .withRules(rules(roles.applied(""), roles.granted("")))
                            .build());
        }
        InstallRights.targets(level).stream()
                .map(InstallRights.Target::namespace)
                .filter(namespace -> !namespace.isEmpty())
                .distinct()
                .map(roles::ofInstallerIn)
                .forEach(shown::add);
        return yaml(INSTALLER + " (each) to whoever installs", shown);
    }

    private Role ofInstallerIn(String namespace) {
        Stream<PolicyRule> removal = namespace.equals(level.home()) ? ofRemoval() : Stream.of();
        return new RoleBuilder()
                .withMetadata(metadata(namespace))
                .withRules(rules(Stream.concat(applied(namespace), removal), granted(namespace)))
                .build();
    }

    private static List<PolicyRule> rules(Stream<PolicyRule> some, Stream<PolicyRule> others) {
        return Stream.concat(some, others).toList();
    }

    /** What the manifests grant there, or at the cluster's scope. */
    private Stream<PolicyRule> granted(String namespace) {
        return manifests.stream().flatMap(one -> granted(one, namespace));
    }

    private static Stream<PolicyRule> granted(HasMetadata object, String namespace) {
        if (object instanceof ClusterRole role) {
            return namespace.isEmpty() ? role.getRules().stream() : Stream.of();
        }
        return object instanceof Role role && namespace.equals(role.getMetadata().getNamespace())
                ? role.getRules().stream()
                : Stream.of();
    }

    /** The kinds of the manifests that are there, or at the cluster's scope. */
    private Stream<PolicyRule> applied(String namespace) {
        Map<String, List<String>> byGroup =
                InstallRights.targets(level).stream()
                        .filter(target -> target.namespace().equals(namespace))
                        .collect(
                                Collectors.groupingBy(
                                        InstallRights.Target::group,
                                        TreeMap::new,
                                        Collectors.mapping(
                                                InstallRights.Target::resource,
                                                Collectors.toList())));
        return byGroup.entrySet().stream()
                .map(
                        one ->
                                new PolicyRuleBuilder()
                                        .withApiGroups(one.getKey())
                                        .withResources(one.getValue())
                                        .withVerbs("get", "create", "patch", "delete")
                                        .build());
    }

    /** What the manager has made, and whether the namespace holds something else. */
    private Stream<PolicyRule> ofRemoval() {
        Stream<PolicyRule> made =
                Stream.of(
                        new PolicyRuleBuilder()
                                .withApiGroups("")
                                .withResources("secrets")
                                .withResourceNames(ManagerObjects.KEY)
                                .withVerbs("get", "delete")
                                .build());
        // Where the namespace is somebody's, and stays, only its ConfigMaps with code are looked
        // for.
        Map<String, List<String>> kinds =
                level instanceof Level.WholeCluster
                        ? NamespaceContents.kinds()
                        : Map.of("", List.of("configmaps"));
        Stream<PolicyRule> listed =
                kinds.entrySet().stream()
                        .map(
                                one ->
                                        new PolicyRuleBuilder()
                                                .withApiGroups(one.getKey())
                                                .withResources(one.getValue())
                                                .withVerbs("list")
                                                .build());
        return Stream.concat(made, listed);
    }

    private static ObjectMeta metadata(String namespace) {
        return new ObjectMetaBuilder()
                .withName(INSTALLER)
                .withNamespace(namespace.isEmpty() ? null : namespace)
                .build();
    }

    private Role role(String name) {
        return manifests.stream()
                .filter(Role.class::isInstance)
                .map(Role.class::cast)
                .filter(one -> one.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String yaml(String bind, List<HasMetadata> objects) {
        return ManagerManifests.yaml(
                "To be bound: " + bind + ". Which right is for what: docs/rbac.md", objects);
    }
}
