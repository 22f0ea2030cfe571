package tp.manager;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import tp.spi.common.TpException;
import tp.tunnel.FlowGrace;

/** How long the administrator has flows of lost clients kept. */
final class Grace {

    /** The manager's own setting, seconds from 0, which keeps none, to a day. */
    static final String VARIABLE = "TP_FLOW_GRACE";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");
    private static final long MOST_SECONDS = 86_400;

    private Grace() {}

    static FlowGrace of(Map<String, String> variables) {
        String text = variables.getOrDefault(VARIABLE, "").strip();
        if (text.isEmpty()) {
            return FlowGrace.USUAL;
        }
        long seconds = NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (seconds < 0 || seconds > MOST_SECONDS) {
            throw TpException.environment(
                    VARIABLE + " is no number of seconds from 0 to " + MOST_SECONDS,
                    "correct it in the Deployment tp-manager");
        }
        return new FlowGrace(
                Duration.ofSeconds(seconds),
                FlowGrace.USUAL.mostBytes(),
                FlowGrace.USUAL.mostFlows());
    }
}
