open module kubernetes.model.apiextensions {
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    requires transitive tools.jackson.core;
    requires transitive tools.jackson.databind;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.apiextensions.v1.ConversionReview,
        io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition,
        io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionList,
        io.fabric8.kubernetes.api.model.apiextensions.v1beta1.CustomResourceDefinition,
        io.fabric8.kubernetes.api.model.apiextensions.v1beta1.CustomResourceDefinitionList;
    exports io.fabric8.kubernetes.api.model.apiextensions.v1;
    exports io.fabric8.kubernetes.api.model.apiextensions.v1beta1;
}
