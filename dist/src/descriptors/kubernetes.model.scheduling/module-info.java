open module kubernetes.model.scheduling {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass,
        io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassList,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha1.PriorityClass,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha1.PriorityClassList,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.CompositePodGroup,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.CompositePodGroupList,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.PodGroup,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.PodGroupList,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.Workload,
        io.fabric8.kubernetes.api.model.scheduling.v1alpha3.WorkloadList,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.PodGroup,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.PodGroupList,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.PriorityClass,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.PriorityClassList,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.Workload,
        io.fabric8.kubernetes.api.model.scheduling.v1beta1.WorkloadList;
    exports io.fabric8.kubernetes.api.model.scheduling.v1;
    exports io.fabric8.kubernetes.api.model.scheduling.v1alpha1;
    exports io.fabric8.kubernetes.api.model.scheduling.v1alpha3;
    exports io.fabric8.kubernetes.api.model.scheduling.v1beta1;
}
