package tp.host;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How the helper is started.
 *
 * @param sessionId 8 lower-case hexadecimal digits
 * @param runtimeDirectory the daemon's own, for nobody else
 * @param place what it changes
 * @param progress is told what a person should see: why sudo asks, and what sudo says
 */
public record HostSettings(
        String sessionId, Path runtimeDirectory, Place place, Consumer<String> progress) {

    /** Where the session's device is, and what of routes and resolver is changed. */
    public enum Place {
        /** This host; which needs root. */
        HOST,
        /**
         * Namespaces of the session's own, for one program and its children; which needs no root.
         */
        NAMESPACE
    }
}
