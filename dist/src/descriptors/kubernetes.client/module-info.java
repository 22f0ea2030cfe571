open module kubernetes.client {
    requires tools.jackson.databind;
    requires zjsonpatch;
    requires transitive kubernetes.client.api;
    requires transitive kubernetes.model.admissionregistration;
    requires transitive kubernetes.model.apiextensions;
    requires transitive kubernetes.model.apps;
    requires transitive kubernetes.model.autoscaling;
    requires transitive kubernetes.model.batch;
    requires transitive kubernetes.model.certificates;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.coordination;
    requires transitive kubernetes.model.core;
    requires transitive kubernetes.model.discovery;
    requires transitive kubernetes.model.events;
    requires transitive kubernetes.model.extensions;
    requires transitive kubernetes.model.flowcontrol;
    requires transitive kubernetes.model.metrics;
    requires transitive kubernetes.model.networking;
    requires transitive kubernetes.model.node;
    requires transitive kubernetes.model.policy;
    requires transitive kubernetes.model.rbac;
    requires transitive kubernetes.model.resource;
    requires transitive kubernetes.model.scheduling;
    requires transitive kubernetes.model.storageclass;
    requires transitive org.slf4j;
    requires transitive tools.jackson.core;
    provides io.fabric8.kubernetes.client.ServiceToURLProvider with
        io.fabric8.kubernetes.client.impl.URLFromEnvVarsImpl,
        io.fabric8.kubernetes.client.impl.URLFromIngressImpl,
        io.fabric8.kubernetes.client.impl.URLFromNodePortImpl,
        io.fabric8.kubernetes.client.impl.URLFromClusterIPImpl;
    exports io.fabric8.kubernetes.client.dsl.internal;
    exports io.fabric8.kubernetes.client.dsl.internal.apps.v1;
    exports io.fabric8.kubernetes.client.dsl.internal.batch.v1;
    exports io.fabric8.kubernetes.client.dsl.internal.certificates.v1;
    exports io.fabric8.kubernetes.client.dsl.internal.certificates.v1beta1;
    exports io.fabric8.kubernetes.client.dsl.internal.core.v1;
    exports io.fabric8.kubernetes.client.dsl.internal.extensions.v1beta1;
    exports io.fabric8.kubernetes.client.dsl.internal.uploadable;
    exports io.fabric8.kubernetes.client.impl;
    exports io.fabric8.kubernetes.client.informers.impl;
    exports io.fabric8.kubernetes.client.informers.impl.cache;
    exports io.fabric8.kubernetes.client.osgi;
    exports io.fabric8.kubernetes.client.utils.internal;
    uses io.fabric8.kubernetes.client.ServiceToURLProvider;
    uses io.fabric8.kubernetes.client.extension.ExtensionAdapter;
}
