open module kubernetes.model.batch {
    requires tools.jackson.databind;
    requires transitive com.fasterxml.jackson.annotation;
    requires transitive kubernetes.model.common;
    requires transitive kubernetes.model.core;
    requires transitive kubernetes.model.scheduling;
    provides io.fabric8.kubernetes.api.model.KubernetesResource with
        io.fabric8.kubernetes.api.model.batch.v1.CronJob,
        io.fabric8.kubernetes.api.model.batch.v1.CronJobList,
        io.fabric8.kubernetes.api.model.batch.v1.Job,
        io.fabric8.kubernetes.api.model.batch.v1.JobList,
        io.fabric8.kubernetes.api.model.batch.v1beta1.CronJob,
        io.fabric8.kubernetes.api.model.batch.v1beta1.CronJobList;
    exports io.fabric8.kubernetes.api.model.batch.v1;
    exports io.fabric8.kubernetes.api.model.batch.v1beta1;
}
