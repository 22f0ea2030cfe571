package tp.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

/**
 * The folder of the daemon's logs, which outlive it.
 *
 * @param path the folder
 * @param output what the daemon's Java runtime says before there is a log
 */
public record StateDirectory(Path path, Path output) {

    /** The attribute of every file in it: logs name hosts and namespaces. */
    public static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** {@return the folder for that environment, whether it is there or not} */
    public static StateDirectory of(Map<String, String> environment) {
        String base = environment.getOrDefault("XDG_STATE_HOME", "");
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
        Path path = base.isEmpty() ? Path.of(home, ".local/state/tp") : Path.of(base, "tp");
        // Daemons of sessions of their own would write over each other's.
        String session = environment.getOrDefault(RuntimeDirectory.SESSION, "");
        Path output = session.isEmpty() ? path : Path.of(session);
        return new StateDirectory(
                path.toAbsolutePath(), output.toAbsolutePath().resolve("daemon.out"));
    }

    /** What the daemon did. */
    public Path log() {
        return path.resolve("daemon.log");
    }

    /** Makes the folder, and the output's file empty. */
    public void prepare() {
        try {
            Files.createDirectories(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(output);
            Files.createFile(output, PRIVATE_FILE);
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot write the daemon's log: " + IoReason.of(e),
                    "make it writable, or set XDG_STATE_HOME",
                    e);
        }
    }
}
