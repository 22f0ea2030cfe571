package tp.sandbox.store;

import java.util.List;
import java.util.Optional;

/** The types this cluster has. */
public final class Resources {

    public static final ResourceType NAMESPACES =
            clusterWide("", "namespaces", "Namespace", "ns", "status", "finalize");
    public static final ResourceType PODS =
            namespaced(
                    "",
                    "pods",
                    "Pod",
                    "po",
                    "status",
                    "log",
                    "portforward",
                    "binding",
                    "exec",
                    "attach",
                    "proxy",
                    "eviction");
    public static final ResourceType SERVICES =
            namespaced("", "services", "Service", "svc", "status", "proxy");
    public static final ResourceType CONFIG_MAPS = namespaced("", "configmaps", "ConfigMap", "cm");
    public static final ResourceType SECRETS = namespaced("", "secrets", "Secret", "");
    public static final ResourceType SERVICE_ACCOUNTS =
            namespaced("", "serviceaccounts", "ServiceAccount", "sa", "token");
    public static final ResourceType ENDPOINTS = namespaced("", "endpoints", "Endpoints", "ep");
    public static final ResourceType NODES = clusterWide("", "nodes", "Node", "no", "status");
    public static final ResourceType EVENTS = namespaced("", "events", "Event", "ev");
    public static final ResourceType DEPLOYMENTS =
            namespaced("apps", "deployments", "Deployment", "deploy", "status", "scale");
    public static final ResourceType REPLICA_SETS =
            namespaced("apps", "replicasets", "ReplicaSet", "rs", "status", "scale");
    public static final ResourceType STATEFUL_SETS =
            namespaced("apps", "statefulsets", "StatefulSet", "sts", "status", "scale");
    public static final ResourceType DAEMON_SETS =
            namespaced("apps", "daemonsets", "DaemonSet", "ds", "status");
    public static final ResourceType CONTROLLER_REVISIONS =
            namespaced("apps", "controllerrevisions", "ControllerRevision", "");
    public static final ResourceType JOBS = namespaced("batch", "jobs", "Job", "", "status");
    public static final ResourceType ENDPOINT_SLICES =
            namespaced("discovery.k8s.io", "endpointslices", "EndpointSlice", "");
    public static final ResourceType LEASES =
            namespaced("coordination.k8s.io", "leases", "Lease", "");
    public static final ResourceType SERVICE_CIDRS =
            clusterWide("networking.k8s.io", "servicecidrs", "ServiceCIDR", "", "status");

    /** Kept and shown; this cluster's network has no policies. */
    public static final ResourceType NETWORK_POLICIES =
            namespaced("networking.k8s.io", "networkpolicies", "NetworkPolicy", "netpol");

    public static final ResourceType ROLES = rbac("roles", "Role", true);
    public static final ResourceType ROLE_BINDINGS = rbac("rolebindings", "RoleBinding", true);
    public static final ResourceType CLUSTER_ROLES = rbac("clusterroles", "ClusterRole", false);
    public static final ResourceType CLUSTER_ROLE_BINDINGS =
            rbac("clusterrolebindings", "ClusterRoleBinding", false);

    private static final List<ResourceType> ALL =
            List.of(
                    NAMESPACES,
                    PODS,
                    SERVICES,
                    CONFIG_MAPS,
                    SECRETS,
                    SERVICE_ACCOUNTS,
                    ENDPOINTS,
                    NODES,
                    EVENTS,
                    DEPLOYMENTS,
                    REPLICA_SETS,
                    STATEFUL_SETS,
                    DAEMON_SETS,
                    CONTROLLER_REVISIONS,
                    JOBS,
                    ENDPOINT_SLICES,
                    LEASES,
                    SERVICE_CIDRS,
                    NETWORK_POLICIES,
                    ROLES,
                    ROLE_BINDINGS,
                    CLUSTER_ROLES,
                    CLUSTER_ROLE_BINDINGS);

    private Resources() {}

    public static List<ResourceType> all() {
        return ALL;
    }

    public static Optional<ResourceType> find(String group, String version, String plural) {
        return ALL.stream()
                .filter(type -> type.group().equals(group))
                .filter(type -> type.version().equals(version) && type.plural().equals(plural))
                .findFirst();
    }

    /** {@return the type of an object, from its {@code apiVersion} and {@code kind}} */
    public static Optional<ResourceType> ofKind(String apiVersion, String kind) {
        return ALL.stream()
                .filter(type -> type.apiVersion().equals(apiVersion) && type.kind().equals(kind))
                .findFirst();
    }

    private static ResourceType namespaced(
            String group, String plural, String kind, String shortName, String... subresources) {
        return new ResourceType(
                group, "v1", plural, kind, true, shortNames(shortName), List.of(subresources));
    }

    private static ResourceType clusterWide(
            String group, String plural, String kind, String shortName, String... subresources) {
        return new ResourceType(
                group, "v1", plural, kind, false, shortNames(shortName), List.of(subresources));
    }

    private static ResourceType rbac(String plural, String kind, boolean namespaced) {
        return new ResourceType(
                "rbac.authorization.k8s.io", "v1", plural, kind, namespaced, List.of(), List.of());
    }

    private static List<String> shortNames(String shortName) {
        return shortName.isEmpty() ? List.of() : List.of(shortName);
    }
}
