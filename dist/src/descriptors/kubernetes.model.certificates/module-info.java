open module kubernetes.model.certificates {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest,
        io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestList,
        io.fabric8.kubernetes.api.model.certificates.v1.ClusterTrustBundle,
        io.fabric8.kubernetes.api.model.certificates.v1.ClusterTrustBundleList,
        io.fabric8.kubernetes.api.model.certificates.v1.PodCertificateRequest,
        io.fabric8.kubernetes.api.model.certificates.v1.PodCertificateRequestList,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.CertificateSigningRequest,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.CertificateSigningRequestList,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundle,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundleList,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequest,
        io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequestList;
    exports io.fabric8.kubernetes.api.model.certificates.v1;
    exports io.fabric8.kubernetes.api.model.certificates.v1beta1;
}
