package tp.host;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How the helper is started.
 *
 * @param sessionId 8 lower-case hexadecimal digits
 * @param runtimeDirectory the daemon's own, for nobody else
 * @param progress is told what a person should see: why sudo asks, and what sudo says
 */
public record HostSettings(String sessionId, Path runtimeDirectory, Consumer<String> progress) {}
