package tp.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;
import tp.sandbox.node.JavaRuntime;

/** A sandbox for a test, and ways to run shell lines in its pods and on its laptop. */
final class SandboxFixture {

    private static final long TIMEOUT_S = 20;

    /** Finds the container that runs a program, seen from inside the node, and enters it. */
    private static final String ENTER_POD =
            """
            for d in /proc/[0-9]*; do
              line=$(tr '\\0' ' ' 2>/dev/null < $d/cmdline) || continue
              case $line in
                unshare*|sh*|nsenter*) ;;
                *"$0"*) pid=${d#/proc/} ;;
              esac
            done
            exec nsenter --target $pid --mount --net --uts --root --wd -- bash -c "$1"
            """;

    record Result(int exit, String output) {}

    private final SandboxProcess sandbox;

    private SandboxFixture(SandboxProcess sandbox) {
        this.sandbox = sandbox;
    }

    static boolean isPossible() throws IOException {
        String line =
                "unshare --user --map-root-user --net --mount --pid --fork ip link"
                        + " && which curl dig nsenter setpriv setsid";
        return run(List.of("sh", "-c", line)).exit() == 0;
    }

    /** Skips the test, and says why, where there is no kubectl or no sandbox. */
    static void assumeKubectl() throws IOException {
        boolean isThere =
                isPossible() && run(List.of("sh", "-c", "command -v kubectl")).exit() == 0;
        String message =
                "not run: judging pods needs user namespaces, iproute2, curl, dig and kubectl";
        if (!isThere) {
            System.out.println(message);
        }
        Assumptions.assumeTrue(isThere, message);
    }

    /** Runs kubectl on the laptop. */
    Result kubectl(String arguments) {
        return onLaptop(
                "export KUBECONFIG=/run/tp-sandbox/kubeconfig KUBECACHEDIR=/run/tp-sandbox/cache;"
                        + " kubectl "
                        + arguments);
    }

    /** Applies a file of this test's resources. */
    Result apply(String resource) throws IOException {
        try (InputStream in = SandboxFixture.class.getResourceAsStream(resource)) {
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return kubectl("apply -f - <<'END'\n" + yaml + "\nEND\n");
        }
    }

    static SandboxFixture start() {
        return new SandboxFixture(
                Launch.start(Launch.Lifetime.TIED, JavaRuntime.current(), step -> {}));
    }

    SandboxProcess process() {
        return sandbox;
    }

    void end() {
        sandbox.end();
    }

    Result onLaptop(String script) {
        return sandboxRun(sandbox.commandLine(List.of("bash", "-c", script)));
    }

    /**
     * @param program a part of the command line of the pod's program
     */
    Result inPod(String program, String script) {
        return sandboxRun(sandbox.nodeCommandLine(List.of("sh", "-c", ENTER_POD, program, script)));
    }

    /** {@return the sandbox's processes with a part of a command line} */
    List<ProcessHandle> processes(String part) {
        return sandbox.holder()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(part))
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .toList();
    }

    void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within " + TIMEOUT_S + " s: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private static Result sandboxRun(List<String> line) {
        try {
            return run(line);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Result run(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            return new Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
