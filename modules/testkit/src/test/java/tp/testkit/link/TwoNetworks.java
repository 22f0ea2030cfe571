package tp.testkit.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Two network namespaces, 10.99.0.2 near and 10.99.0.1 far, with an emulated link between them and
 * nothing else. All is gone when it is closed.
 */
final class TwoNetworks implements AutoCloseable {

    static final String FAR = "10.99.0.1";

    private static final String SET_UP =
            """
            set -eu
            ip link set emu1 netns "$1"
            ip -batch - <<BATCH
            link set lo up
            link set emu0 addrgenmode none
            address add 10.99.0.1/24 dev emu0
            link set emu0 up
            BATCH
            nsenter -t "$1" -n ip -batch - <<BATCH
            link set lo up
            link set emu1 addrgenmode none
            address add 10.99.0.2/24 dev emu1
            link set emu1 up
            BATCH""";

    private final Process near;
    private final Process far;
    private final BufferedReader answers;

    private TwoNetworks(Process near, Process far) {
        this.near = near;
        this.far = far;
        answers = far.inputReader(UTF_8);
    }

    static TwoNetworks start(String conditions) throws IOException, InterruptedException {
        boolean permitted =
                Files.isReadable(Path.of("/dev/net/tun"))
                        && new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0;
        String note = "not run: EmulatedLinkTest needs root, /dev/net/tun and network namespaces";
        if (!permitted) {
            System.out.println(note);
        }
        Assumptions.assumeTrue(permitted, note);
        Process near = new ProcessBuilder("unshare", "-n", "sleep", "600").start();
        Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
        Path its = Path.of("/proc/" + near.pid() + "/ns/net");
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (Files.readSymbolicLink(its).equals(own) && System.nanoTime() - deadlineNs < 0) {
            Thread.onSpinWait();
        }
        List<String> command = new ArrayList<>(List.of("unshare", "-n"));
        command.addAll(java(EmulatorMain.class));
        command.addAll(List.of("emu1", "emu0", "10.99.0.2", "1", conditions));
        command.addAll(List.of("sh", "-c", SET_UP, "sh", Long.toString(near.pid())));
        Process far =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        TwoNetworks networks = new TwoNetworks(near, far);
        assertThat(networks.answers.readLine()).isEqualTo("ready");
        return networks;
    }

    /** {@return the emulator's answer to a line} */
    String tell(String line) throws IOException {
        far.getOutputStream().write((line + "\n").getBytes(UTF_8));
        far.getOutputStream().flush();
        return answers.readLine();
    }

    /** {@return what a program prints at the near end} */
    String near(List<String> command) throws IOException, InterruptedException {
        return output(nearProcess(command));
    }

    /** Starts a program at the near end. */
    Process nearProcess(List<String> command) throws IOException {
        return start(near, command);
    }

    /** Starts a program at the far end. */
    Process far(List<String> command) throws IOException {
        return start(far, command);
    }

    private static Process start(Process where, List<String> command) throws IOException {
        List<String> line = new ArrayList<>(List.of("nsenter", "-t", "" + where.pid(), "-n"));
        line.addAll(command);
        return new ProcessBuilder(line).redirectErrorStream(true).start();
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(text).isTrue();
        return text;
    }

    /** {@return the command line of a main class of this module or of its tests} */
    static List<String> java(Class<?> main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    /** Ends the emulator as the end of its input does. */
    int end() throws IOException, InterruptedException {
        far.getOutputStream().close();
        assertThat(far.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return far.exitValue();
    }

    @Override
    public void close() {
        far.destroyForcibly();
        near.destroyForcibly();
    }
}
