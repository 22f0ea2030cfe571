open module kubernetes.model.gatewayapi {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.gatewayapi.v1.BackendTLSPolicy,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.BackendTLSPolicyList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClassList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSetList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.ReferenceGrant,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.ReferenceGrantList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.TCPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.TCPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.UDPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1.UDPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.GRPCRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.GRPCRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.ReferenceGrant,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.ReferenceGrantList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TLSRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TLSRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.UDPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.UDPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha3.BackendTLSPolicy,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha3.BackendTLSPolicyList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha3.TLSRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1alpha3.TLSRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.Gateway,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.GatewayClass,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.GatewayClassList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.GatewayList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.HTTPRoute,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.HTTPRouteList,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant,
        io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrantList;
    exports io.fabric8.kubernetes.api.model.gatewayapi.v1;
    exports io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2;
    exports io.fabric8.kubernetes.api.model.gatewayapi.v1alpha3;
    exports io.fabric8.kubernetes.api.model.gatewayapi.v1beta1;
}
