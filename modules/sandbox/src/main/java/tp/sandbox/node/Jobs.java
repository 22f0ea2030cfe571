package tp.sandbox.node;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Runs Jobs: pods until enough of them have succeeded, or too many have failed, or the time is up.
 */
final class Jobs {

    /** As the real controller: after a failure 10 s, doubling up to 10 minutes. */
    private static final long FIRST_BACKOFF_S = 10;

    private static final long MAX_BACKOFF_S = 600;
    private static final String INDEX = "batch.kubernetes.io/job-completion-index";

    private final ObjectStore store;
    private final Events events;

    Jobs(ObjectStore store) {
        this.store = store;
        this.events = new Events(store, "job-controller");
    }

    /** How a Job has ended. */
    private record End(boolean isFailure, String reason, String message) {}

    void reconcile() {
        Reconciler.each(store, Resources.JOBS, this::reconcile);
    }

    private void reconcile(ObjectNode job) {
        if (Json.isTrue(job.path("status"), "Complete")
                || Json.isTrue(job.path("status"), "Failed")) {
            expire(job);
            return;
        }
        List<ObjectNode> pods = Pods.of(store, job);
        JobProgress progress = JobProgress.of(job, pods);
        boolean isSuspended = Json.flag(job, "/spec/suspend");
        Optional<End> end = end(job, progress);
        if (end.isPresent() || isSuspended) {
            progress.active().forEach(this::delete);
        } else {
            startMissing(job, progress);
        }
        writeStatus(job, end, isSuspended);
        end.ifPresent(
                how -> {
                    if (how.isFailure()) {
                        events.warning(job, how.reason(), how.message());
                    } else {
                        events.normal(job, "Completed", "Job completed");
                    }
                });
    }

    private void delete(ObjectNode pod) {
        store.delete(Resources.PODS, Json.namespace(pod), Json.name(pod));
    }

    private void expire(ObjectNode job) {
        JsonNode ttl = job.at("/spec/ttlSecondsAfterFinished");
        if (ttl.isNumber() && hasPassed(endTime(job), ttl.asInt())) {
            store.delete(Resources.JOBS, Json.namespace(job), Json.name(job));
        }
    }

    private static String endTime(ObjectNode job) {
        return Json.items(job, "/status/conditions").stream()
                .map(condition -> Json.text(condition, "/lastTransitionTime"))
                .max(String::compareTo)
                .orElse(Json.now());
    }

    private static boolean hasPassed(String since, long seconds) {
        return !since.isEmpty()
                && !Instant.parse(since).plusSeconds(seconds).isAfter(Instant.now());
    }

    private static Optional<End> end(ObjectNode job, JobProgress progress) {
        int limit = Json.number(job, "/spec/backoffLimit", 6);
        JsonNode deadline = job.at("/spec/activeDeadlineSeconds");
        if (progress.isComplete(job)) {
            return Optional.of(
                    new End(
                            false,
                            "CompletionsReached",
                            "Reached expected number of succeeded pods"));
        } else if (progress.failures() > limit || (limit > 0 && progress.restarts() >= limit)) {
            return Optional.of(
                    new End(
                            true,
                            "BackoffLimitExceeded",
                            "Job has reached the specified backoff limit"));
        } else if (deadline.isNumber()
                && hasPassed(Json.text(job, "/status/startTime"), deadline.asLong())) {
            return Optional.of(
                    new End(
                            true,
                            "DeadlineExceeded",
                            "Job was active longer than specified deadline"));
        }
        return Optional.empty();
    }

    private void startMissing(ObjectNode job, JobProgress progress) {
        int failures = progress.failures();
        if (failures > 0) {
            long backoffS = Math.min(FIRST_BACKOFF_S << Math.min(failures - 1, 10), MAX_BACKOFF_S);
            if (!hasPassed(progress.lastFailure(), backoffS)) {
                return;
            }
        }
        int more = progress.missing(job);
        Set<Integer> taken = new HashSet<>(progress.takenIndexes());
        for (int i = 0; i < more; i++) {
            int index = 0;
            while (!taken.add(index)) {
                index++;
            }
            create(job, index);
        }
    }

    private void create(ObjectNode job, int index) {
        ObjectNode pod = Pods.from(job);
        ObjectNode metadata = pod.withObject("/metadata");
        String prefix = Json.name(job) + "-";
        if (JobProgress.isIndexed(job)) {
            prefix += index + "-";
            metadata.withObjectProperty("labels").put(INDEX, Integer.toString(index));
            metadata.withObjectProperty("annotations").put(INDEX, Integer.toString(index));
            pod.withObject("/spec").put("hostname", Json.name(job) + "-" + index);
            for (JsonNode container : Json.items(pod, "/spec/containers")) {
                ((ObjectNode) container)
                        .withArray("env")
                        .addObject()
                        .put("name", "JOB_COMPLETION_INDEX")
                        .put("value", Integer.toString(index));
            }
        }
        metadata.put("generateName", prefix);
        ObjectNode made = store.create(Resources.PODS, pod);
        events.normal(job, "SuccessfulCreate", "Created pod: " + Json.name(made));
    }

    private void writeStatus(ObjectNode job, Optional<End> end, boolean isSuspended) {
        JobProgress progress = JobProgress.of(job, Pods.of(store, job));
        JsonNode before = job.path("status");
        ObjectNode status = Json.object();
        String start = Json.text(before, "/startTime");
        if (!isSuspended) {
            status.put("startTime", start.isEmpty() ? Json.now() : start);
        }
        int active = end.isPresent() ? 0 : progress.active().size();
        if (active > 0) {
            status.put("active", active);
        }
        status.put("ready", end.isPresent() ? 0 : Json.count(progress.active(), Pods::isReady));
        status.put("terminating", progress.ending());
        if (progress.succeeded() > 0) {
            status.put("succeeded", progress.succeeded());
        }
        if (progress.failures() > 0) {
            status.put("failed", progress.failures());
        }
        status.putObject("uncountedTerminatedPods");
        List<ObjectNode> conditions = conditions(end, isSuspended, before);
        if (!conditions.isEmpty()) {
            Json.conditions(status, before, conditions);
        }
        if (end.filter(how -> !how.isFailure()).isPresent()) {
            status.put("completionTime", Json.now());
            progress.completedIndexes(job).ifPresent(text -> status.put("completedIndexes", text));
        }
        Json.writeStatus(store, Resources.JOBS, job, status);
    }

    private static List<ObjectNode> conditions(
            Optional<End> end, boolean isSuspended, JsonNode before) {
        List<ObjectNode> conditions = new ArrayList<>();
        if (isSuspended || Json.condition(before, "Suspended").isPresent()) {
            conditions.add(
                    Json.condition(
                            "Suspended",
                            isSuspended,
                            isSuspended ? "JobSuspended" : "JobResumed",
                            isSuspended ? "Job suspended" : "Job resumed"));
        }
        end.ifPresent(
                how -> {
                    for (String type :
                            how.isFailure()
                                    ? List.of("FailureTarget", "Failed")
                                    : List.of("SuccessCriteriaMet", "Complete")) {
                        conditions.add(Json.condition(type, true, how.reason(), how.message()));
                    }
                });
        return conditions;
    }
}
