open module kubernetes.model.events {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.events.v1.Event,
        io.fabric8.kubernetes.api.model.events.v1.EventList,
        io.fabric8.kubernetes.api.model.events.v1beta1.Event,
        io.fabric8.kubernetes.api.model.events.v1beta1.EventList;
    exports io.fabric8.kubernetes.api.model.events.v1;
    exports io.fabric8.kubernetes.api.model.events.v1beta1;
}
