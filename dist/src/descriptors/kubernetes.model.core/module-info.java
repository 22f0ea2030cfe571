open module kubernetes.model.core {
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive tools.jackson.core;
    requires transitive tools.jackson.databind;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.APIGroup,
        io.fabric8.kubernetes.api.model.APIGroupList,
        io.fabric8.kubernetes.api.model.APIResourceList,
        io.fabric8.kubernetes.api.model.APIService,
        io.fabric8.kubernetes.api.model.APIServiceList,
        io.fabric8.kubernetes.api.model.APIVersions,
        io.fabric8.kubernetes.api.model.Binding,
        io.fabric8.kubernetes.api.model.ComponentStatus,
        io.fabric8.kubernetes.api.model.ComponentStatusList,
        io.fabric8.kubernetes.api.model.ConfigMap,
        io.fabric8.kubernetes.api.model.ConfigMapList,
        io.fabric8.kubernetes.api.model.CreateOptions,
        io.fabric8.kubernetes.api.model.DeleteOptions,
        io.fabric8.kubernetes.api.model.Endpoints,
        io.fabric8.kubernetes.api.model.EndpointsList,
        io.fabric8.kubernetes.api.model.Event,
        io.fabric8.kubernetes.api.model.EventList,
        io.fabric8.kubernetes.api.model.GetOptions,
        io.fabric8.kubernetes.api.model.KubernetesList,
        io.fabric8.kubernetes.api.model.LimitRange,
        io.fabric8.kubernetes.api.model.LimitRangeList,
        io.fabric8.kubernetes.api.model.ListOptions,
        io.fabric8.kubernetes.api.model.Namespace,
        io.fabric8.kubernetes.api.model.NamespaceList,
        io.fabric8.kubernetes.api.model.Node,
        io.fabric8.kubernetes.api.model.NodeList,
        io.fabric8.kubernetes.api.model.OwnerReference,
        io.fabric8.kubernetes.api.model.PatchOptions,
        io.fabric8.kubernetes.api.model.PersistentVolume,
        io.fabric8.kubernetes.api.model.PersistentVolumeClaim,
        io.fabric8.kubernetes.api.model.PersistentVolumeClaimList,
        io.fabric8.kubernetes.api.model.PersistentVolumeList,
        io.fabric8.kubernetes.api.model.Pod,
        io.fabric8.kubernetes.api.model.PodExecOptions,
        io.fabric8.kubernetes.api.model.PodList,
        io.fabric8.kubernetes.api.model.PodTemplate,
        io.fabric8.kubernetes.api.model.PodTemplateList,
        io.fabric8.kubernetes.api.model.ReplicationController,
        io.fabric8.kubernetes.api.model.ReplicationControllerList,
        io.fabric8.kubernetes.api.model.ResourceQuota,
        io.fabric8.kubernetes.api.model.ResourceQuotaList,
        io.fabric8.kubernetes.api.model.Secret,
        io.fabric8.kubernetes.api.model.SecretList,
        io.fabric8.kubernetes.api.model.Service,
        io.fabric8.kubernetes.api.model.ServiceAccount,
        io.fabric8.kubernetes.api.model.ServiceAccountList,
        io.fabric8.kubernetes.api.model.ServiceList,
        io.fabric8.kubernetes.api.model.Status,
        io.fabric8.kubernetes.api.model.TypeMeta,
        io.fabric8.kubernetes.api.model.UpdateOptions;
    exports io.fabric8.kubernetes.api;
    exports io.fabric8.kubernetes.api.model;
    exports io.fabric8.kubernetes.api.model.clusterapi.core.v1beta1;
    exports io.fabric8.kubernetes.api.model.runtime;
    exports io.fabric8.kubernetes.api.model.version;
    exports io.fabric8.kubernetes.internal;
    uses io.fabric8.kubernetes.api.model.KubernetesResource;
}
