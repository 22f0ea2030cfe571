package tp.sandbox.api;

import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@link Cells} of DaemonSets and Jobs. */
final class WorkloadCells {

    private WorkloadCells() {}

    static String daemonSet(String column, ObjectNode object) {
        JsonNode status = object.path("status");
        return switch (column) {
            case "Desired" -> number(status, "desiredNumberScheduled");
            case "Current" -> number(status, "currentNumberScheduled");
            case "Ready" -> number(status, "numberReady");
            case "Up-to-date" -> number(status, "updatedNumberScheduled");
            case "Available" -> number(status, "numberAvailable");
            default -> "<none>";
        };
    }

    private static String number(JsonNode status, String field) {
        return Integer.toString(status.path(field).asInt(0));
    }

    static String job(String column, ObjectNode job) {
        JsonNode status = job.path("status");
        return switch (column) {
            case "Status" -> jobStatus(status);
            case "Completions" ->
                    status.path("succeeded").asInt(0) + "/" + job.at("/spec/completions").asInt(1);
            default -> duration(status);
        };
    }

    private static String jobStatus(JsonNode status) {
        for (String type : new String[] {"Complete", "Failed", "Suspended"}) {
            boolean is =
                    status.path("conditions")
                            .valueStream()
                            .anyMatch(
                                    condition ->
                                            condition.path("type").asString("").equals(type)
                                                    && condition
                                                            .path("status")
                                                            .asString("")
                                                            .equals("True"));
            if (is) {
                return type;
            }
        }
        return "Running";
    }

    private static String duration(JsonNode status) {
        String start = status.path("startTime").asString("");
        String end = status.path("completionTime").asString("");
        if (start.isEmpty()) {
            return "";
        }
        Instant until = end.isEmpty() ? Instant.now() : Instant.parse(end);
        return Cells.age(start, until);
    }
}
