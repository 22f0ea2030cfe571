package tp.sandbox.node;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far a Job is, as its pods tell.
 *
 * @param active pods that run or will
 * @param ending how many pods are being deleted
 * @param succeeded how many pods have done what they were there for, each index once
 * @param failures how many pods have failed
 * @param restarts how often containers were started again within active pods
 * @param lastFailure when the last pod failed; empty where none has
 * @param takenIndexes indexes that need no new pod
 */
record JobProgress(
        List<ObjectNode> active,
        int ending,
        int succeeded,
        int failures,
        int restarts,
        String lastFailure,
        TreeSet<Integer> takenIndexes) {

    static JobProgress of(ObjectNode job, List<ObjectNode> pods) {
        List<ObjectNode> active = pods.stream().filter(Pods::isActive).toList();
        List<ObjectNode> succeeded =
                pods.stream().filter(pod -> Pods.isIn(pod, "Succeeded")).toList();
        List<ObjectNode> failed = pods.stream().filter(pod -> Pods.isIn(pod, "Failed")).toList();
        TreeSet<Integer> taken = new TreeSet<>();
        if (isIndexed(job)) {
            succeeded.forEach(pod -> taken.add(index(pod)));
        }
        int done = isIndexed(job) ? taken.size() : succeeded.size();
        active.forEach(pod -> taken.add(index(pod)));
        return new JobProgress(
                active,
                Json.count(pods, Json::isBeingDeleted),
                // A pod that somebody has deleted meanwhile has succeeded all the same.
                Math.max(done, Json.number(job, "/status/succeeded", 0)),
                Math.max(failed.size(), Json.number(job, "/status/failed", 0)),
                active.stream().mapToInt(JobProgress::restarts).sum(),
                failed.stream().map(JobProgress::end).max(String::compareTo).orElse(""),
                taken);
    }

    static boolean isIndexed(JsonNode job) {
        return Json.text(job, "/spec/completionMode").equals("Indexed");
    }

    private static int index(JsonNode pod) {
        String text = Pods.label(pod, "batch.kubernetes.io/job-completion-index");
        return text.isEmpty() ? -1 : Integer.parseInt(text);
    }

    private static int restarts(JsonNode pod) {
        return Json.items(pod, "/status/containerStatuses").stream()
                .mapToInt(status -> Json.number(status, "/restartCount", 0))
                .sum();
    }

    private static String end(JsonNode pod) {
        return Json.items(pod, "/status/containerStatuses").stream()
                .map(status -> Json.text(status, "/state/terminated/finishedAt"))
                .max(String::compareTo)
                .orElse("");
    }

    /** A Job without a number of completions is done when one has succeeded and none runs. */
    boolean isComplete(JsonNode job) {
        JsonNode completions = job.at("/spec/completions");
        return completions.isNumber()
                ? succeeded >= completions.asInt()
                : succeeded > 0 && active.isEmpty();
    }

    /** {@return how many pods may be started now} */
    int missing(JsonNode job) {
        int parallelism = Json.number(job, "/spec/parallelism", 1);
        JsonNode completions = job.at("/spec/completions");
        int useful =
                completions.isNumber()
                        ? Math.min(parallelism, completions.asInt() - succeeded)
                        : succeeded > 0 ? 0 : parallelism;
        return Math.max(0, useful - active.size());
    }

    Optional<String> completedIndexes(JsonNode job) {
        return isIndexed(job)
                ? Optional.of(
                        takenIndexes.stream().map(String::valueOf).collect(Collectors.joining(",")))
                : Optional.empty();
    }
}
