open module kubernetes.model.extensions {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.extensions.DaemonSet,
        io.fabric8.kubernetes.api.model.extensions.DaemonSetList,
        io.fabric8.kubernetes.api.model.extensions.Deployment,
        io.fabric8.kubernetes.api.model.extensions.DeploymentList,
        io.fabric8.kubernetes.api.model.extensions.Ingress,
        io.fabric8.kubernetes.api.model.extensions.IngressList,
        io.fabric8.kubernetes.api.model.extensions.NetworkPolicy,
        io.fabric8.kubernetes.api.model.extensions.NetworkPolicyList,
        io.fabric8.kubernetes.api.model.extensions.PodSecurityPolicy,
        io.fabric8.kubernetes.api.model.extensions.PodSecurityPolicyList,
        io.fabric8.kubernetes.api.model.extensions.ReplicaSet,
        io.fabric8.kubernetes.api.model.extensions.ReplicaSetList,
        io.fabric8.kubernetes.api.model.extensions.Scale;
    exports io.fabric8.kubernetes.api.model.extensions;
}
