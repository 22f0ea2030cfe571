package tp.control;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

/**
 * The folder of the daemon's socket: of one user, closed to all others. Whoever could write it
 * could stand in for the daemon, so nothing about it is taken on trust.
 *
 * @param path the folder
 * @param owner the user of this process
 */
public record RuntimeDirectory(Path path, UserPrincipal owner) {

    /** A Unix socket's address holds 107 bytes and a zero (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rwx------");

    /** {@return the folder for that environment, made if it is not there, checked if it is} */
    public static RuntimeDirectory of(Map<String, String> environment) {
        UserPrincipal owner;
        int uid;
        try {
            Path self = Path.of("/proc/self");
            owner = Files.getOwner(self);
            uid = (Integer) Files.getAttribute(self, "unix:uid");
        } catch (IOException e) {
            throw failure("cannot read /proc/self: " + e.getMessage(), "mount /proc", e);
        }
        String base = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path path = base.isEmpty() ? Path.of("/tmp/tp-" + uid) : Path.of(base, "tp");
        RuntimeDirectory directory = new RuntimeDirectory(path.toAbsolutePath(), owner);
        directory.makeOrCheck();
        return directory;
    }

    public Path socket() {
        return path.resolve("daemon.sock");
    }

    private void makeOrCheck() {
        if (socket().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                > MAX_SOCKET_PATH) {
            throw failure(
                    "the path " + socket() + " is too long for a socket",
                    "set XDG_RUNTIME_DIR to a shorter one",
                    null);
        }
        try {
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                check(
                        Files.readAttributes(
                                path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
            }
        } catch (IOException e) {
            throw failure(
                    "cannot make the folder " + IoReason.of(e),
                    "make it writable, or set XDG_RUNTIME_DIR",
                    e);
        }
    }

    private void check(PosixFileAttributes found) {
        Set<PosixFilePermission> others = EnumSet.copyOf(found.permissions());
        others.removeAll(PRIVATE);
        if (!found.isDirectory() || !found.owner().equals(owner) || !others.isEmpty()) {
            throw failure(
                    path + " is not a folder that only you can use",
                    "remove it, or set XDG_RUNTIME_DIR to a folder of your own",
                    null);
        }
    }

    private static TpException failure(String what, String next, @Nullable Throwable cause) {
        return new TpException(TpException.Category.ENVIRONMENT, what, next, cause);
    }
}
