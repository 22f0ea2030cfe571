package tp.control;

import java.io.IOException;
import java.nio.file.DirectoryStream;
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

    /** The environment's variable that names the folder of a session of its own. */
    public static final String SESSION = "TP_SESSION";

    /** How such folders are called, before the number of the process that made them. */
    private static final String OWN = "rootless-";

    /** A Unix socket's address holds 107 bytes and a zero (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rwx------");

    /**
     * {@return the folder for that environment} It is made if it is not there and checked if it is;
     * but that of a session of its own, which {@link #SESSION} names, is there as long as that is.
     */
    public static RuntimeDirectory of(Map<String, String> environment) {
        String session = environment.getOrDefault(SESSION, "");
        RuntimeDirectory found = usual(environment, session);
        if (!session.isEmpty() && !Files.exists(found.path)) {
            throw failure(
                    "the session that " + SESSION + " names has ended",
                    "unset " + SESSION + " to speak of this machine's",
                    null);
        }
        found.makeOrCheck();
        return found;
    }

    /**
     * Makes a folder for the daemon of one session, which this process has to {@link #remove}; and
     * removes those of processes that were killed.
     */
    public static RuntimeDirectory forSession(Map<String, String> environment) {
        RuntimeDirectory all = usual(environment, "");
        all.makeOrCheck();
        all.removeEnded();
        Path own = all.path.resolve(OWN + ProcessHandle.current().pid());
        RuntimeDirectory made = new RuntimeDirectory(own, all.owner);
        made.remove();
        made.makeOrCheck();
        return made;
    }

    private static RuntimeDirectory usual(Map<String, String> environment, String session) {
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
        if (!session.isEmpty()) {
            path = Path.of(session);
        }
        return new RuntimeDirectory(path.toAbsolutePath(), owner);
    }

    private void removeEnded() {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(path, OWN + "*")) {
            for (Path other : others) {
                String pid = other.getFileName().toString().substring(OWN.length());
                if (pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    new RuntimeDirectory(other, owner).remove();
                }
            }
        } catch (IOException e) {
            // They are in nobody's way.
        }
    }

    /** Removes the folder, if it is there, with the files in it. */
    public void remove() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Not there, or somebody else removes it at this moment; else the next session does.
        }
    }

    public Path socket() {
        return path.resolve("daemon.sock");
    }

    /** {@return where the session's numbers are shown, as long as there is one} */
    public Path metrics() {
        return path.resolve("metrics.sock");
    }

    private void makeOrCheck() {
        if (metrics().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
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
