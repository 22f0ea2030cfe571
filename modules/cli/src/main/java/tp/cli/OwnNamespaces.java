package tp.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tp.spi.common.TpException;

/**
 * How a program is started in the namespaces in which another process is: with the user's own id
 * and files, without any right over them, and in the same folder.
 */
final class OwnNamespaces {

    /** Of util-linux and coreutils. */
    private static final List<String> TOOLS = List.of("unshare", "nsenter", "setpriv", "env");

    private static final Path SELF = Path.of("/proc/self");

    private final List<Path> folders;

    OwnNamespaces(Map<String, String> environment) {
        folders =
                Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                        .filter(folder -> !folder.isEmpty())
                        .map(Path::of)
                        .toList();
    }

    /**
     * Looks whether that program can be started, before anything is begun for it.
     *
     * @throws TpException where it or what starts it is not there
     */
    void require(String program) {
        for (String tool : TOOLS) {
            if (!isInPath(tool)) {
                throw TpException.environment(
                        "a session without root needs " + tool + ", which is not in the PATH",
                        "install util-linux, or use `tp connect` for the whole machine");
            }
        }
        if (program.contains("/") ? !Files.exists(Path.of(program)) : !isInPath(program)) {
            throw SessionProgram.cannotRun(
                    program, "No such file or directory", new NoSuchFileException(program));
        }
    }

    private boolean isInPath(String name) {
        return folders.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(name)));
    }

    /** {@return the command line that runs a command there} */
    static List<String> entering(long process, List<String> command) {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                "nsenter",
                                "--target=" + process,
                                "--user",
                                "--preserve-credentials",
                                "--net",
                                "--mount",
                                "--",
                                "env",
                                // Entering a mount namespace leads to its root.
                                "--chdir=" + Path.of("").toAbsolutePath(),
                                "setpriv",
                                "--no-new-privs"));
        if (isRoot()) {
            // All others lose every capability by the start of a program.
            line.addAll(List.of("--bounding-set=-all", "--inh-caps=-all"));
        }
        line.add("--");
        line.addAll(command);
        return line;
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(SELF, "unix:uid").equals(0);
        } catch (IOException e) {
            return false;
        }
    }
}
