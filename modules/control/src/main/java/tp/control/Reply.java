package tp.control;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import tp.spi.common.TpException;

/** What the daemon answers. */
public sealed interface Reply extends Message {

    /**
     * A line for the person who waits.
     *
     * @param asking whether it comes before a question on the terminal, such as sudo's, so that
     *     nothing else may be written there until the next line
     */
    record Progress(String line, boolean asking) implements Reply {

        /** {@return what goes on from now on} */
        public static Progress step(String line) {
            return new Progress(line, false);
        }

        /** {@return what is said around a question} */
        public static Progress asking(String line) {
            return new Progress(line, true);
        }
    }

    /** What a connect came upon. */
    enum Found {
        /** Nothing: a session was begun. */
        NOTHING,
        /** A session that was as it was asked for. */
        THE_SAME,
        /** A session with another mapping, or other names without a dot, which was changed. */
        ANOTHER_MAPPING
    }

    /**
     * @param namespace where names without a dot are looked for, empty where that is nowhere
     * @param warnings what does not work although the session does, one line each
     */
    record Connected(
            Found found,
            String context,
            String server,
            Optional<String> namespace,
            List<String> warnings)
            implements Reply {
        public Connected {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * @param already whether nothing had to be done
     */
    record Intercepted(StatusReport.Intercept intercept, boolean already) implements Reply {}

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
            implements Reply {

        /** Frames are bounded; the upper end of a trace says most. */
        private static final int MAX_TRACE = 16_000;

        private static final int MAX_MESSAGE = 200;

        public Failed {
            trace = trace.substring(0, Math.min(MAX_TRACE, trace.length()));
        }

        /** {@return the reply for what nobody foresaw} */
        public static Failed bug(Throwable e) {
            String message = e.getMessage() == null ? "" : ": " + oneLine(e.getMessage());
            return new Failed(
                    TpException.Category.BUG,
                    "this is a bug in tp (" + e.getClass().getSimpleName() + message + ")",
                    "see the log, whose place `tp version` tells, and report it",
                    trace(e));
        }

        /** {@return the reply for a failure that people can do something about} */
        public static Failed of(TpException e) {
            return new Failed(e.category(), String.valueOf(e.getMessage()), e.nextStep(), trace(e));
        }

        private static String oneLine(String text) {
            String line = text.strip().replaceAll("[\\p{C}\\s]+", " ");
            return line.substring(0, Math.min(MAX_MESSAGE, line.length()));
        }

        private static String trace(Throwable e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            return trace.toString();
        }
    }
}
