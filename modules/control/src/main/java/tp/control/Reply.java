package tp.control;

import java.util.List;
import tp.spi.common.TpException;

/** What the daemon answers. */
public sealed interface Reply extends Message {

    /** A line for the person who waits. */
    record Progress(String line) implements Reply {}

    /**
     * @param already whether nothing had to be done
     * @param warnings what does not work although the session does, one line each
     */
    record Connected(
            boolean already, String context, String server, String namespace, List<String> warnings)
            implements Reply {
        public Connected {
            warnings = List.copyOf(warnings);
        }
    }

    record Status(StatusReport report) implements Reply {}

    record Plugins(List<PluginEntry> plugins) implements Reply {
        public Plugins {
            plugins = List.copyOf(plugins);
        }
    }

    record Done() implements Reply {}

    /**
     * The request failed and left nothing behind.
     *
     * @param trace where it happened, for {@code --debug}
     */
    record Failed(TpException.Category category, String what, String nextStep, String trace)
            implements Reply {}
}
