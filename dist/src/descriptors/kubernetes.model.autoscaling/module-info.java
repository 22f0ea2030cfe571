open module kubernetes.model.autoscaling {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.autoscaling.v1.HorizontalPodAutoscaler,
        io.fabric8.kubernetes.api.model.autoscaling.v1.HorizontalPodAutoscalerList,
        io.fabric8.kubernetes.api.model.autoscaling.v1.Scale,
        io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler,
        io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerList,
        io.fabric8.kubernetes.api.model.autoscaling.v2beta1.HorizontalPodAutoscaler,
        io.fabric8.kubernetes.api.model.autoscaling.v2beta1.HorizontalPodAutoscalerList,
        io.fabric8.kubernetes.api.model.autoscaling.v2beta2.HorizontalPodAutoscaler,
        io.fabric8.kubernetes.api.model.autoscaling.v2beta2.HorizontalPodAutoscalerList;
    exports io.fabric8.kubernetes.api.model.autoscaling.v1;
    exports io.fabric8.kubernetes.api.model.autoscaling.v2;
    exports io.fabric8.kubernetes.api.model.autoscaling.v2beta1;
    exports io.fabric8.kubernetes.api.model.autoscaling.v2beta2;
}
