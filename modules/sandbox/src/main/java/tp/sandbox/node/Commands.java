package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tp.spi.common.TpException;

/** Runs the system's own tools (iproute2, util-linux) and says what they said when they fail. */
final class Commands {

    private static final List<String> SCRIPTS =
            List.of("node.sh", "laptop.sh", "container.sh", "enter.sh");

    private Commands() {}

    /** {@return where a tool is: a pod's own search path may not lead there} */
    static String tool(String name) {
        for (String directory : System.getenv().getOrDefault("PATH", "/usr/bin").split(":", -1)) {
            Path path = Path.of(directory, name);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        return name;
    }

    /** Runs a program to its end, with {@code input} on its standard input. */
    static void run(List<String> command, String input) {
        String output;
        int exit;
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            exit = process.waitFor();
        } catch (IOException e) {
            throw TpException.environment(
                    "cannot run " + command.getFirst() + " (" + e.getMessage() + ")",
                    "install util-linux and iproute2");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command.getFirst(), e);
        }
        if (exit != 0) {
            throw TpException.environment(
                    command.getFirst() + " failed: " + output.strip().replace('\n', ' '), "");
        }
    }

    /** Runs lines of iproute2's batch language: one process for many changes. */
    static void ip(String lines) {
        run(List.of("ip", "-batch", "-"), lines);
    }

    /** The same, going on after a line that fails. */
    static void ipForced(String lines) {
        run(List.of("ip", "-force", "-batch", "-"), lines);
    }

    /** The same in another network namespace. */
    static void ipIn(String namespace, String lines) {
        run(List.of("ip", "-n", namespace, "-batch", "-"), lines);
    }

    /** Runs one of the installed scripts to its end. */
    static void script(String name) {
        run(List.of("sh", scriptPath(name).toString()), "");
    }

    static Path scriptPath(String name) {
        return Places.SCRIPTS.resolve(name);
    }

    /** Copies the scripts to where processes inside find them, before any of them is started. */
    static void installScripts() throws IOException {
        Files.createDirectories(Places.SCRIPTS);
        for (String name : SCRIPTS) {
            try (InputStream in = Commands.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException(
                            "the script " + name + " is not in this module");
                }
                Files.copy(in, scriptPath(name));
            }
        }
    }
}
