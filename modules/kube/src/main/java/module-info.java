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
    requires kubernetes.model.rbac;
    requires kubernetes.model.common;
    requires kubernetes.model.admissionregistration;
    // What the client hides: the body of an answer that is no websocket.
    requires io.vertx.core;
    // SPDY; beside it what the client's websocket throws.
    requires io.netty.codec.http;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports tp.kube;
}
