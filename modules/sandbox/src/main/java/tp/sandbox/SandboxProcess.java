package tp.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tp.sandbox.node.JavaRuntime;
import tp.sandbox.node.Places;
import tp.spi.common.TpException;

/**
 * A running sandbox as seen from outside: the {@code unshare} process that holds it and its child,
 * process 1 of the sandbox's pid namespace. Whoever kills either has ended the whole sandbox.
 */
record SandboxProcess(ProcessHandle holder) {

    private static final long END_TIMEOUT_S = 10;
    private static final long END_POLL_MS = 5;

    /** The last step into the laptop: a shell that passes signals' exit codes on. */
    private static final String STEP =
            """
            cd -- "$0" 2>/dev/null || cd /
            trap '' INT QUIT
            env --default-signal=INT,QUIT -- "$@"
            exit $?""";

    /** {@return the sandbox that {@code tp sandbox up} of this user has started} */
    static Optional<SandboxProcess> running() {
        return Processes.withArguments(Launch.NODE_MAIN, Launch.Lifetime.DETACHED.argument())
                .stream()
                .filter(SandboxProcess::isHolder)
                .map(SandboxProcess::new)
                .findFirst();
    }

    /** {@return whether all pods were ready once and the laptop can be entered} */
    boolean isReady() {
        return root().map(root -> Files.exists(inside(root, Places.READY))).orElse(false);
    }

    String readyInformation() {
        try {
            return root().isPresent()
                    ? Files.readString(inside(root().get(), Places.READY)).strip()
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    long pid() {
        return holder.pid();
    }

    /** Runs a program on the laptop, on the caller's own standard streams, and waits for it. */
    int enter(List<String> command, JavaRuntime runtime) {
        ProcessBuilder builder = new ProcessBuilder(commandLine(command)).inheritIO();
        environment(builder.environment(), runtime);
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            throw TpException.environment(
                    "cannot enter the laptop (" + e.getMessage() + ")", "install util-linux");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** {@return a command line that runs another one on the laptop} */
    List<String> commandLine(List<String> command) {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("nsenter", "--target", laptopPid(), "--mount", "--net", "--uts", "--"));
        line.addAll(List.of("sh", "-c", STEP, System.getProperty("user.dir", "/")));
        line.addAll(command);
        return nodeCommandLine(line);
    }

    /** {@return a command line that runs another one beside the node's own process} */
    List<String> nodeCommandLine(List<String> command) {
        ProcessHandle first =
                Processes.child(holder)
                        .orElseThrow(() -> TpException.environment("the sandbox has ended", ""));
        List<String> line = new ArrayList<>();
        line.addAll(List.of("env", "--ignore-signal=INT,QUIT", "nsenter"));
        line.addAll(List.of("--target", Long.toString(first.pid())));
        line.addAll(List.of("--user", "--preserve-credentials", "--mount", "--net", "--pid", "--"));
        line.addAll(command);
        return line;
    }

    /** Ends the sandbox and waits until the last of its processes is gone. */
    void end() {
        // Process 1 first: its parent then ends only after the kernel has emptied the namespace.
        Optional<ProcessHandle> first = Processes.child(holder);
        first.ifPresentOrElse(ProcessHandle::destroyForcibly, holder::destroyForcibly);
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_TIMEOUT_S);
        try {
            // onExit() of a process that is not our child looks only every second or so.
            while (!Processes.hasEnded(holder) && System.nanoTime() < deadlineNs) {
                Thread.sleep(END_POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        holder.destroyForcibly();
    }

    private static boolean isHolder(ProcessHandle process) {
        return process.info().command().map(path -> path.endsWith("/unshare")).orElse(false);
    }

    Optional<Path> root() {
        return Processes.child(holder).map(child -> Path.of("/proc/" + child.pid() + "/root"));
    }

    private String laptopPid() {
        try {
            Path root =
                    root().orElseThrow(() -> TpException.environment("the sandbox has ended", ""));
            return Files.readString(inside(root, Places.LAPTOP_PID)).strip();
        } catch (IOException e) {
            throw TpException.environment(
                    "the sandbox is not ready yet", "wait, or run: tp sandbox down");
        }
    }

    private static Path inside(Path root, Path path) {
        return root.resolve(path.toString().substring(1));
    }

    /** What a program writes by default goes to the sandbox's own tmpfs and ends with it. */
    private static void environment(Map<String, String> environment, JavaRuntime runtime) {
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        environment.put(
                "PATH", runtime.tpHome().map(home -> home.resolve("bin") + ":").orElse("") + path);
        environment.put("KUBECONFIG", Places.KUBECONFIG.toString());
        environment.put("KUBECACHEDIR", Places.LAPTOP_STATE.resolve("kube-cache").toString());
        environment.put("XDG_RUNTIME_DIR", Places.LAPTOP_STATE.resolve("run").toString());
        environment.put("XDG_STATE_HOME", Places.LAPTOP_STATE.resolve("state").toString());
        environment.put("TP_SANDBOX", "laptop");
        // It is there already, and starts some seconds sooner than what an install delivers.
        environment.putIfAbsent("TP_MANAGER_IMAGE", "tp.dev/manager:0.1.0");
    }
}
