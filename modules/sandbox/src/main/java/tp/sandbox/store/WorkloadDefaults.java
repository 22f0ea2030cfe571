package tp.sandbox.store;

import tools.jackson.databind.node.ObjectNode;

/** {@link Defaults} of the workloads that are not Deployments. */
final class WorkloadDefaults {

    private WorkloadDefaults() {}

    static void fill(ResourceType type, ObjectNode object) {
        ObjectNode spec = object.withObjectProperty("spec");
        switch (type.kind()) {
            case "StatefulSet" -> statefulSet(spec);
            case "DaemonSet" -> daemonSet(spec);
            default -> job(object, spec);
        }
        Defaults.template(spec);
        object.withObjectProperty("status");
    }

    private static void statefulSet(ObjectNode spec) {
        Defaults.setDefault(spec, "replicas", 1);
        Defaults.setDefault(spec, "podManagementPolicy", "OrderedReady");
        Defaults.setDefault(spec, "revisionHistoryLimit", 10);
        ObjectNode strategy = spec.withObjectProperty("updateStrategy");
        Defaults.setDefault(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asString("").equals("RollingUpdate")) {
            Defaults.setDefault(strategy.withObjectProperty("rollingUpdate"), "partition", 0);
        }
    }

    private static void daemonSet(ObjectNode spec) {
        Defaults.setDefault(spec, "revisionHistoryLimit", 10);
        ObjectNode strategy = spec.withObjectProperty("updateStrategy");
        Defaults.setDefault(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asString("").equals("RollingUpdate")) {
            ObjectNode rolling = strategy.withObjectProperty("rollingUpdate");
            Defaults.setDefault(rolling, "maxUnavailable", 1);
            Defaults.setDefault(rolling, "maxSurge", 0);
        }
    }

    /** A Job's selector is its own uid, unless it says that it brings its own. */
    private static void job(ObjectNode object, ObjectNode spec) {
        if (!spec.hasNonNull("completions") && !spec.hasNonNull("parallelism")) {
            spec.put("completions", 1);
        }
        Defaults.setDefault(spec, "parallelism", 1);
        Defaults.setDefault(spec, "backoffLimit", 6);
        Defaults.setDefault(spec, "completionMode", "NonIndexed");
        Defaults.setDefault(spec, "suspend", false);
        Defaults.setDefault(spec, "manualSelector", false);
        String uid = Meta.uid(object);
        if (spec.path("manualSelector").asBoolean(false) || spec.has("selector")) {
            return;
        }
        spec.putObject("selector")
                .putObject("matchLabels")
                .put("batch.kubernetes.io/controller-uid", uid);
        spec.withObjectProperty("template")
                .withObjectProperty("metadata")
                .withObjectProperty("labels")
                .put("batch.kubernetes.io/controller-uid", uid)
                .put("batch.kubernetes.io/job-name", Meta.name(object))
                .put("controller-uid", uid)
                .put("job-name", Meta.name(object));
    }
}
