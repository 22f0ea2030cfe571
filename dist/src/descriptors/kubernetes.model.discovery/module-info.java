open module kubernetes.model.discovery {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice,
        io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList,
        io.fabric8.kubernetes.api.model.discovery.v1beta1.EndpointSlice,
        io.fabric8.kubernetes.api.model.discovery.v1beta1.EndpointSliceList;
    exports io.fabric8.kubernetes.api.model.discovery.v1;
    exports io.fabric8.kubernetes.api.model.discovery.v1beta1;
}
