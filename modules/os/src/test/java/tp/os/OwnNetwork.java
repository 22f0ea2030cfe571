package tp.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs a main class in a network namespace of its own, which ends with it. */
final class OwnNetwork {

    private OwnNetwork() {}

    /** {@return what it printed} Fails unless it exits with 0. */
    static String run(Class<?> main, String... options) throws Exception {
        boolean permitted =
                ProcessHandle.current().info().user().filter("root"::equals).isPresent()
                        && Files.exists(Path.of("/dev/net/tun"))
                        && output(List.of("unshare", "-n", "true")).exit == 0;
        String note = "not run: " + main.getSimpleName() + " needs root and network namespaces";
        if (!permitted) {
            System.out.println(note);
        }
        Assumptions.assumeTrue(permitted, note);
        // A Java that starts where no link has an IPv6 address does without IPv6 for ever.
        String loopbackFirst = "ip link set lo up && exec \"$@\"";
        List<String> command =
                new ArrayList<>(List.of("unshare", "-n", "sh", "-c", loopbackFirst, "sh", java()));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx64m"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), main.getName()));
        Output output = output(command);
        if (output.exit != 0) {
            throw new AssertionError(main + " exits with " + output.exit + ":\n" + output.text);
        }
        return output.text;
    }

    private record Output(int exit, String text) {}

    private static Output output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " does not end:\n" + text);
        }
        return new Output(process.exitValue(), text);
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
