package tp.control;

/**
 * A provider of an extension point.
 *
 * @param point such as {@code transport}
 * @param verdict {@code usable}, {@code unusable}, {@code unknown}, {@code broken} or {@code in
 *     use}
 */
public record PluginEntry(
        String point, String id, String module, String version, String verdict, String reason) {}
