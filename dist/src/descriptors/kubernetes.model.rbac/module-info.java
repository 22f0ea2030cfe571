open module kubernetes.model.rbac {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.rbac.ClusterRole,
        io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding,
        io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingList,
        io.fabric8.kubernetes.api.model.rbac.ClusterRoleList,
        io.fabric8.kubernetes.api.model.rbac.Role,
        io.fabric8.kubernetes.api.model.rbac.RoleBinding,
        io.fabric8.kubernetes.api.model.rbac.RoleBindingList,
        io.fabric8.kubernetes.api.model.rbac.RoleList;
    exports io.fabric8.kubernetes.api.model.rbac;
}
