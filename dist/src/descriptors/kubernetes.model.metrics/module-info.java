open module kubernetes.model.metrics {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.metrics.v1beta1.NodeMetrics,
        io.fabric8.kubernetes.api.model.metrics.v1beta1.NodeMetricsList,
        io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics,
        io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetricsList;
    exports io.fabric8.kubernetes.api.model.metrics.v1beta1;
}
