package tp.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs a main class in a network namespace of its own, with this JVM's Java and class path. */
final class OwnNetwork {

    private OwnNetwork() {}

    static String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> enter = enter();
        String note =
                "not run: " + main.getSimpleName() + " needs network namespaces and /dev/net/tun";
        if (enter.isEmpty()) {
            System.out.println(note);
        }
        Assumptions.assumeTrue(!enter.isEmpty(), note);
        // A Java that starts where no link has an IPv6 address does without IPv6 for ever.
        List<String> command = new ArrayList<>(enter);
        command.addAll(List.of("sh", "-c", "ip link set lo up && exec \"$@\"", "sh", java()));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx128m"));
        command.addAll(List.of("--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        Output output = output(command);
        if (output.exit != 0) {
            throw new AssertionError(main + " exits with " + output.exit + ":\n" + output.text);
        }
        return output.text;
    }

    private static List<String> enter() throws IOException, InterruptedException {
        if (!Files.isReadable(Path.of("/dev/net/tun"))) {
            return List.of();
        }
        for (List<String> way :
                List.of(List.of("unshare", "-n"), List.of("unshare", "-U", "-r", "-n"))) {
            List<String> probe = new ArrayList<>(way);
            probe.addAll(List.of("sh", "-c", "ip link set lo up && ip tuntap add t0 mode tun"));
            if (output(probe).exit == 0) {
                return way;
            }
        }
        return List.of();
    }

    private record Output(int exit, String text) {}

    private static Output output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofVirtual().start(() -> killLater(process));
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return new Output(process.exitValue(), text);
    }

    private static void killLater(Process process) {
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        String base = System.getProperty("basedir", System.getProperty("user.dir"));
        return String.join(
                ":",
                Path.of(base, "target", "test-classes").toString(),
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path"));
    }
}
