package tp.sandbox;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tp.sandbox.node.JavaRuntime;
import tp.sandbox.node.NodeWords;
import tp.spi.common.TpException;

/**
 * Starts the node in namespaces of its own. The node tells its progress on a pipe that only this
 * process reads; it keeps none of the caller's standard streams.
 */
final class Launch {

    static final String NODE_MAIN = "tp.sandbox/tp.sandbox.node.NodeMain";

    /** What ends the sandbox, besides {@code down}. */
    enum Lifetime {
        /** Nothing. */
        DETACHED,
        /** The end of the thread that started it, however it ends (PR_SET_PDEATHSIG). */
        TIED;

        String argument() {
            return "lifetime=" + name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int MAX_TOLD_LINES = 12;

    /**
     * Process 1 is a shell, because it reaps orphans, which Java does not; the last command keeps
     * it from becoming Java. Java decides as it starts, by the addresses there are, whether IPv6
     * exists, so the loopback device has to be up by then.
     */
    private static final String INIT = "ip link set lo up; \"$@\"; exit $?";

    private Launch() {}

    /**
     * Starts a sandbox and returns when it is ready.
     *
     * @throws TpException where the machine does not allow it; nothing is left then
     */
    static SandboxProcess start(Lifetime lifetime, JavaRuntime runtime, Consumer<String> progress) {
        requireTools();
        ProcessBuilder builder = new ProcessBuilder(commandLine(lifetime, runtime));
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        String java = environment.getOrDefault("JAVA_HOME", "");
        environment.clear();
        if (!java.isEmpty()) {
            environment.put("JAVA_HOME", java);
        }
        environment.put("PATH", path + ":/usr/sbin:/sbin");
        environment.put("LC_ALL", "C.UTF-8");
        builder.directory(new File("/"));
        builder.redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        try {
            Process process = builder.start();
            SandboxProcess sandbox = new SandboxProcess(process.toHandle());
            try (BufferedReader told =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                awaitReady(told, progress);
            } catch (IOException | TpException e) {
                sandbox.end();
                throw e;
            }
            return sandbox;
        } catch (IOException e) {
            throw TpException.environment(
                    "cannot start the sandbox (" + e.getMessage() + ")", "install util-linux");
        }
    }

    private static void awaitReady(BufferedReader told, Consumer<String> progress)
            throws IOException {
        List<String> others = new ArrayList<>();
        for (String line = told.readLine(); line != null; line = told.readLine()) {
            if (line.equals(NodeWords.READY)) {
                return;
            } else if (line.startsWith(NodeWords.STEP)) {
                progress.accept(line.substring(NodeWords.STEP.length()));
            } else if (line.startsWith(NodeWords.FAILED)) {
                throw TpException.environment(line.substring(NodeWords.FAILED.length()), "");
            } else if (others.size() < MAX_TOLD_LINES) {
                others.add(line);
            }
        }
        throw ended(String.join(" | ", others));
    }

    private static TpException ended(String told) {
        if (told.contains("unshare")) {
            return TpException.environment(
                    "this machine does not allow user namespaces (" + told + ")", remedy());
        }
        return TpException.environment("the sandbox ended while it started: " + told, "");
    }

    /** The switches that distributions use to forbid user namespaces, the closed ones only. */
    private static String remedy() {
        List<String> closed = new ArrayList<>();
        if (isSet("user/max_user_namespaces", "0")) {
            closed.add("user.max_user_namespaces=10000");
        }
        if (isSet("kernel/unprivileged_userns_clone", "0")) {
            closed.add("kernel.unprivileged_userns_clone=1");
        }
        if (isSet("kernel/apparmor_restrict_unprivileged_userns", "1")) {
            closed.add("kernel.apparmor_restrict_unprivileged_userns=0");
        }
        if (closed.isEmpty()) {
            return "in a container, start it with a seccomp profile that allows unshare";
        }
        return "allow them: sudo sysctl -w " + String.join(" ", closed);
    }

    private static boolean isSet(String name, String value) {
        try {
            return Files.readString(Path.of("/proc/sys", name)).strip().equals(value);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> commandLine(Lifetime lifetime, JavaRuntime runtime) {
        List<String> line = new ArrayList<>();
        if (lifetime == Lifetime.TIED) {
            line.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
        }
        line.addAll(List.of("setsid", "unshare", "--user", "--map-root-user", "--net", "--mount"));
        line.addAll(List.of("--ipc", "--uts", "--pid", "--fork", "--kill-child=KILL"));
        line.add("--mount-proc");
        line.addAll(List.of("sh", "-c", INIT, "tp-sandbox-init"));
        line.addAll(runtime.command(nodeOptions(runtime), NODE_MAIN, List.of(lifetime.argument())));
        return line;
    }

    private static List<String> nodeOptions(JavaRuntime runtime) {
        List<String> options = new ArrayList<>();
        options.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        options.addAll(List.of("-XX:-UsePerfData", "-XX:ErrorFile=/run/tp-sandbox/crash.log"));
        options.add("-Djava.io.tmpdir=/run/tp-sandbox/tmp");
        options.add("--illegal-native-access=allow");
        if (!runtime.modulePath().isEmpty()) {
            // In an image this is among its own options.
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        return options;
    }

    private static void requireTools() {
        List<String> missing =
                Stream.of("unshare", "nsenter", "setsid", "setpriv", "mount", "ip", "hostname")
                        .filter(tool -> !isInstalled(tool))
                        .toList();
        if (!missing.isEmpty()) {
            throw TpException.environment(
                    "the sandbox needs " + String.join(", ", missing),
                    "install util-linux, iproute2 and hostname");
        }
    }

    private static boolean isInstalled(String tool) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        return Stream.of(path.split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }
}
