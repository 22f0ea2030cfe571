package tp.control;

/**
 * A provider of an extension point.
 *
 * @param point such as {@code transport}
 * @param verdict {@code usable}, {@code unusable}, {@code unknown} or {@code broken}; of a
 *     transport that a session has thought of, what {@link StatusReport.Transport} says
 */
public record PluginEntry(
        String point, String id, String module, String version, String verdict, String reason) {}
