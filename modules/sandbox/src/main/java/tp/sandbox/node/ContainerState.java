package tp.sandbox.node;

import tools.jackson.databind.node.ObjectNode;

/** What a container is doing, as its status shows it. */
sealed interface ContainerState {

    /** Not running, with the reason in Kubernetes' own word. */
    record Waiting(String reason, String message) implements ContainerState {}

    record Running(String startedAt) implements ContainerState {}

    /**
     * @param message what the program wrote where it may say why it ended
     */
    record Terminated(int exitCode, String startedAt, String finishedAt, String message)
            implements ContainerState {

        String reason() {
            return exitCode == 0 ? "Completed" : "Error";
        }
    }

    /** Writes this into a status as a member of the name that its kind has there. */
    default void write(ObjectNode state) {
        switch (this) {
            case Waiting waiting -> {
                ObjectNode node = state.putObject("waiting").put("reason", waiting.reason());
                if (!waiting.message().isEmpty()) {
                    node.put("message", waiting.message());
                }
            }
            case Running running ->
                    state.putObject("running").put("startedAt", running.startedAt());
            case Terminated ended -> {
                ObjectNode node =
                        state.putObject("terminated")
                                .put("exitCode", ended.exitCode())
                                .put("reason", ended.reason())
                                .put("startedAt", ended.startedAt())
                                .put("finishedAt", ended.finishedAt());
                if (!ended.message().isEmpty()) {
                    node.put("message", ended.message());
                }
            }
        }
    }
}
