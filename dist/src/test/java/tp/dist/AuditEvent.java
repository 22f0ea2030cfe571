package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

/** A line of the sandbox's record of who asked its API server for what. */
final class AuditEvent {

    private AuditEvent() {}

    static String value(String event, String key) {
        String start = "\"" + key + "\":\"";
        int at = event.indexOf(start);
        assertThat(at).as(key + " of " + event).isNotNegative();
        return event.substring(at + start.length(), event.indexOf('"', at + start.length()));
    }
}
