package tp.control;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
        ANOTHER_MAPPING,
        /** A session over another transport, which was moved. */
        ANOTHER_TRANSPORT,
        /** A session with both, which were changed. */
        ANOTHER_MAPPING_AND_TRANSPORT;

        /** {@return what these are together} */
        public static Found of(boolean mapping, boolean transport) {
            if (transport) {
                return mapping ? ANOTHER_MAPPING_AND_TRANSPORT : ANOTHER_TRANSPORT;
            }
            return mapping ? ANOTHER_MAPPING : THE_SAME;
        }
    }

    /**
     * @param namespace where names without a dot are looked for, empty where that is nowhere
     * @param inside the process in whose namespaces the session's network is; empty where it is
     *     this machine's
     * @param warnings what does not work although the session does, one line each
     */
    record Connected(
            Found found,
            String context,
            String server,
            Optional<String> namespace,
            OptionalLong inside,
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

    /**
     * @param more whether another reply has further ones
     */
    record Flows(List<FlowEntry> flows, boolean more) implements Reply {

        /** Of some 200 bytes each, so that they fit a frame. */
        private static final int MOST = 500;

        public Flows {
            flows = List.copyOf(flows);
        }

        /** {@return the replies that have all of them} */
        public static List<Flows> of(List<FlowEntry> all) {
            List<Flows> replies = new ArrayList<>();
            for (int from = 0; from == 0 || from < all.size(); from += MOST) {
                int to = Math.min(from + MOST, all.size());
                replies.add(new Flows(all.subList(from, to), to < all.size()));
            }
            return replies;
        }
    }

    record Plugins(List<PluginEntry> plugins) implements Reply {
        public Plugins {
            plugins = List.copyOf(plugins);
        }
    }

    /**
     * @param findings in the order in which things were tried
     */
    record Examined(List<Finding> findings) implements Reply {
        public Examined {
            findings = List.copyOf(findings);
        }
    }

    /**
     * The manager takes connections.
     *
     * @param version of the manager
     * @param changed how many objects were made or changed
     * @param namespaces what it covers; empty: the whole cluster
     */
    record Installed(
            String context, String server, String version, int changed, List<String> namespaces)
            implements Reply {
        public Installed {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * The manager is gone.
     *
     * @param removed the objects that were there and are not any more, in that order
     * @param kept what was left on purpose, one line each with the reason
     */
    record Uninstalled(String context, String server, List<String> removed, List<String> kept)
            implements Reply {
        public Uninstalled {
            removed = List.copyOf(removed);
            kept = List.copyOf(kept);
        }
    }

    /** The begin of a text that is too long for one message; more follows. */
    record Part(String text) implements Reply {}

    /** What was asked for, with its line ends, or the end of it. */
    record Text(String text) implements Reply {}

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

        /** {@return the same as it is thrown where the reply arrives} */
        public TpException exception() {
            Throwable cause = trace.isEmpty() ? null : new DaemonTrace(trace);
            return new TpException(category, what, nextStep, cause);
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

        /** Carries the daemon's stack trace to {@code --debug}. */
        private static final class DaemonTrace extends Exception {
            private static final long serialVersionUID = 1L;

            DaemonTrace(String trace) {
                super("in the daemon: " + trace, null, false, false);
            }
        }
    }
}
