open module kubernetes.model.networking {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.networking.v1.IPAddress,
        io.fabric8.kubernetes.api.model.networking.v1.IPAddressList,
        io.fabric8.kubernetes.api.model.networking.v1.Ingress,
        io.fabric8.kubernetes.api.model.networking.v1.IngressClass,
        io.fabric8.kubernetes.api.model.networking.v1.IngressClassList,
        io.fabric8.kubernetes.api.model.networking.v1.IngressList,
        io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy,
        io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyList,
        io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR,
        io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRList,
        io.fabric8.kubernetes.api.model.networking.v1beta1.Ingress,
        io.fabric8.kubernetes.api.model.networking.v1beta1.IngressClass,
        io.fabric8.kubernetes.api.model.networking.v1beta1.IngressClassList,
        io.fabric8.kubernetes.api.model.networking.v1beta1.IngressList;
    exports io.fabric8.kubernetes.api.model.networking.v1;
    exports io.fabric8.kubernetes.api.model.networking.v1beta1;
}
