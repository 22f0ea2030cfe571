package tp.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The user's own processes as /proc shows them. Processes that vanish meanwhile are left out. */
final class Processes {

    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /** {@return processes of this uid and this pid namespace that were started with both words} */
    static List<ProcessHandle> withArguments(String first, String second) {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            Object uid = Files.getAttribute(PROC.resolve("self"), "unix:uid");
            Path namespace = Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
            for (Path entry : entries) {
                List<String> arguments = arguments(entry);
                if (arguments.contains(first)
                        && arguments.contains(second)
                        && isOurs(entry, uid, namespace)) {
                    ProcessHandle.of(Long.parseLong(entry.getFileName().toString()))
                            .ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            // Without /proc there is no sandbox either: the launcher says so when it starts one.
            return List.of();
        }
        return found;
    }

    /** {@return the process that {@code parent} started and that is still there} */
    static Optional<ProcessHandle> child(ProcessHandle parent) {
        return parent.children().findFirst();
    }

    /** {@return whether nothing runs any more, even if its parent has not asked for its end yet} */
    static boolean hasEnded(ProcessHandle process) {
        return !process.isAlive() || stat(process.pid()).startsWith("Z");
    }

    /** {@return what proc(5) says of a process from its state on; empty where it has gone} */
    static String stat(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return "";
        }
    }

    private static boolean isOurs(Path entry, Object uid, Path namespace) {
        try {
            return uid.equals(Files.getAttribute(entry, "unix:uid"))
                    && namespace.equals(Files.readSymbolicLink(entry.resolve("ns/pid")));
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> arguments(Path entry) {
        try {
            String line = Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(line.split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
