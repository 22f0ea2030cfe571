/**
 * The cluster as the user's own credentials show it. The only module that sees the Kubernetes
 * client; none of its types leaves this module, and none is loaded before a cluster is opened.
 */
@org.jspecify.annotations.NullMarked
module tp.kube {
    requires static transitive org.jspecify;
    requires transitive tp.spi.transport;
    requires kubernetes.client;
    requires kubernetes.client.api;
    requires kubernetes.model.core;
    requires kubernetes.model.apps;
    requires kubernetes.model.common;
    requires kubernetes.model.admissionregistration;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports tp.kube;
}
