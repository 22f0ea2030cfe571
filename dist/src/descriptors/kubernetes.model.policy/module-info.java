open module kubernetes.model.policy {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.lifecycle.v1alpha1.Eviction,
        io.fabric8.kubernetes.api.model.lifecycle.v1alpha1.EvictionList,
        io.fabric8.kubernetes.api.model.lifecycle.v1alpha1.EvictionRequest,
        io.fabric8.kubernetes.api.model.lifecycle.v1alpha1.EvictionRequestList,
        io.fabric8.kubernetes.api.model.policy.v1.Eviction,
        io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget,
        io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetList,
        io.fabric8.kubernetes.api.model.policy.v1beta1.Eviction,
        io.fabric8.kubernetes.api.model.policy.v1beta1.PodDisruptionBudget,
        io.fabric8.kubernetes.api.model.policy.v1beta1.PodDisruptionBudgetList,
        io.fabric8.kubernetes.api.model.policy.v1beta1.PodSecurityPolicy,
        io.fabric8.kubernetes.api.model.policy.v1beta1.PodSecurityPolicyList;
    exports io.fabric8.kubernetes.api.model.lifecycle.v1alpha1;
    exports io.fabric8.kubernetes.api.model.policy.v1;
    exports io.fabric8.kubernetes.api.model.policy.v1beta1;
}
