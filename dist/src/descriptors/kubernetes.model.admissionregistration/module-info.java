open module kubernetes.model.admissionregistration {
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    requires transitive tools.jackson.databind;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.admission.v1.AdmissionReview,
        io.fabric8.kubernetes.api.model.admission.v1beta1.AdmissionReview,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingAdmissionPolicy,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingAdmissionPolicyBinding,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingAdmissionPolicyBindingList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingAdmissionPolicyList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration,
        io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1alpha1.MutatingAdmissionPolicy,
        io.fabric8.kubernetes.api.model.admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding,
        io.fabric8.kubernetes.api.model.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1alpha1.MutatingAdmissionPolicyList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicy,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyBindingList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingWebhookConfiguration,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingWebhookConfigurationList,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.ValidatingWebhookConfiguration,
        io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.ValidatingWebhookConfigurationList,
        io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview,
        io.fabric8.kubernetes.api.model.authentication.TokenRequest,
        io.fabric8.kubernetes.api.model.authentication.TokenReview,
        io.fabric8.kubernetes.api.model.authentication.v1beta1.TokenReview,
        io.fabric8.kubernetes.api.model.authorization.v1.LocalSubjectAccessReview,
        io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview,
        io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReview,
        io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview,
        io.fabric8.kubernetes.api.model.authorization.v1beta1.LocalSubjectAccessReview,
        io.fabric8.kubernetes.api.model.authorization.v1beta1.SelfSubjectAccessReview,
        io.fabric8.kubernetes.api.model.authorization.v1beta1.SelfSubjectRulesReview,
        io.fabric8.kubernetes.api.model.authorization.v1beta1.SubjectAccessReview;
    exports io.fabric8.kubernetes.api.model.admission.v1;
    exports io.fabric8.kubernetes.api.model.admission.v1beta1;
    exports io.fabric8.kubernetes.api.model.admissionregistration.v1;
    exports io.fabric8.kubernetes.api.model.admissionregistration.v1alpha1;
    exports io.fabric8.kubernetes.api.model.admissionregistration.v1beta1;
    exports io.fabric8.kubernetes.api.model.authentication;
    exports io.fabric8.kubernetes.api.model.authentication.v1beta1;
    exports io.fabric8.kubernetes.api.model.authorization.v1;
    exports io.fabric8.kubernetes.api.model.authorization.v1beta1;
}
