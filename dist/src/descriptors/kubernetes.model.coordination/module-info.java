open module kubernetes.model.coordination {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.coordination.v1.Lease,
        io.fabric8.kubernetes.api.model.coordination.v1.LeaseList,
        io.fabric8.kubernetes.api.model.coordination.v1alpha2.LeaseCandidate,
        io.fabric8.kubernetes.api.model.coordination.v1alpha2.LeaseCandidateList,
        io.fabric8.kubernetes.api.model.coordination.v1beta1.LeaseCandidate,
        io.fabric8.kubernetes.api.model.coordination.v1beta1.LeaseCandidateList;
    exports io.fabric8.kubernetes.api.model.coordination.v1;
    exports io.fabric8.kubernetes.api.model.coordination.v1alpha2;
    exports io.fabric8.kubernetes.api.model.coordination.v1beta1;
}
