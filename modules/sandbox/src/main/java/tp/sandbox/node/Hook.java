package tp.sandbox.node;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a container does right after its start and before its end: {@code lifecycle}. */
final class Hook {

    private Hook() {}

    /** {@return why it failed} */
    static Optional<String> run(JsonNode hook, Probe action) {
        try {
            if (hook.has("sleep")) {
                TimeUnit.SECONDS.sleep(hook.at("/sleep/seconds").asLong(0));
                return Optional.empty();
            }
            return action.failure();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** A hook is a probe whose time is not limited by its manifest. */
    static JsonNode spec(JsonNode hook) {
        return spec(hook, TimeUnit.HOURS.toSeconds(1));
    }

    static JsonNode spec(JsonNode hook, long limitS) {
        return ((ObjectNode) hook.deepCopy()).put("timeoutSeconds", limitS);
    }
}
