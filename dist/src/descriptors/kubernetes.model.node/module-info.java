open module kubernetes.model.node {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.node.v1.RuntimeClass,
        io.fabric8.kubernetes.api.model.node.v1.RuntimeClassList,
        io.fabric8.kubernetes.api.model.node.v1alpha1.RuntimeClass,
        io.fabric8.kubernetes.api.model.node.v1alpha1.RuntimeClassList,
        io.fabric8.kubernetes.api.model.node.v1beta1.RuntimeClass,
        io.fabric8.kubernetes.api.model.node.v1beta1.RuntimeClassList;
    exports io.fabric8.kubernetes.api.model.node.v1;
    exports io.fabric8.kubernetes.api.model.node.v1alpha1;
    exports io.fabric8.kubernetes.api.model.node.v1beta1;
}
