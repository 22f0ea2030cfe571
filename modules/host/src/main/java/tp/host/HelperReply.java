package tp.host;

import java.util.List;
import tp.spi.common.TpException;

/** What the helper answers. */
sealed interface HelperReply {

    /** Sent once, unasked, when the helper has connected. */
    record Ready(long pid, String version, List<String> notes) implements HelperReply {
        public Ready {
            notes = List.copyOf(notes);
        }
    }

    /** The device is up; its descriptor comes with this message. */
    record DeviceOpened(boolean ipv6) implements HelperReply {}

    /** A socket listens; its descriptor comes with this message. */
    record Listening() implements HelperReply {}

    /** Done; the notes are for people. */
    record Done(List<String> notes) implements HelperReply {
        public Done {
            notes = List.copyOf(notes);
        }
    }

    /** Not done, and nothing changed. */
    record Refused(TpException.Category category, String what, String nextStep)
            implements HelperReply {}
}
