package tp.testkit.laptop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tp.testkit.link.Conditions;
import tp.testkit.link.EmulatorMain;

/**
 * A bad link between a sandbox's laptop and its node, beside the good one: more exact routes lead
 * through it as long as it is open. Addresses stay where they are, so nothing breaks when it comes
 * or goes. It is a process in the node's namespaces, which runs from this program's class path.
 */
public final class LaptopLink implements AutoCloseable {

    /** The link's far end, which is the node. */
    public static final String NODE = "192.168.127.1";

    /** Enough for any test, and the same each time. */
    static final long SEED = 20_259;

    /**
     * In the node's network namespace; table 50 is what the laptop may reach (node.sh). The far end
     * first: when the laptop's packets begin to come, the way back is there.
     */
    private static final String SET_UP =
            """
            set -eu
            ip link set emu1 netns laptop
            ip link set emu0 addrgenmode none 2>/dev/null || :
            ip -n laptop link set emu1 addrgenmode none 2>/dev/null || :
            ip rule del pref 11 2>/dev/null || :
            ip rule del pref 18 2>/dev/null || :
            ip -n laptop link set emu1 up
            ip -batch - <<BATCH
            link set emu0 up
            route add 192.168.126.0/24 dev emu0 src 192.168.127.1 table 52
            route add 192.168.127.2/32 dev emu0 src 192.168.127.1 table 52
            rule add pref 11 iif emu0 lookup 50
            rule add pref 18 iif lo to 192.168.126.0/23 lookup 52
            BATCH
            ip -n laptop route add 192.168.127.1/32 dev emu1 src 192.168.127.2""";

    private static final String LAPTOP = "192.168.127.2";

    /** What the laptop is seen as after a rebind; the node sends all of these through the link. */
    private static final String OUTSIDE = "192.168.126.";

    private final Process emulator;
    private final BufferedReader answers;
    private final BufferedWriter commands;
    private int rebinds;

    private LaptopLink(Process emulator) {
        this.emulator = emulator;
        answers = emulator.inputReader(StandardCharsets.UTF_8);
        commands = emulator.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * @param first the sandbox's process 1
     */
    static LaptopLink start(ProcessHandle first, Conditions conditions, long seed)
            throws IOException {
        List<String> command = new ArrayList<>(enter(first));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
        command.addAll(List.of("-XX:-UsePerfData", "-Xmx128m"));
        command.addAll(List.of("-cp", classPath()));
        command.add(EmulatorMain.class.getName());
        command.addAll(List.of("emu1", "emu0", LAPTOP, Long.toString(seed)));
        command.add(conditions.toString());
        command.addAll(List.of("sh", "-c", SET_UP));
        LaptopLink link =
                new LaptopLink(
                        new ProcessBuilder(command)
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start());
        String line = link.answers.readLine();
        if (!"ready".equals(line)) {
            link.close();
            throw new IOException("the link emulator does not start: " + line);
        }
        return link;
    }

    /** {@return what runs the command after it in the node's namespaces} */
    static List<String> enter(ProcessHandle first) {
        return List.of(
                "nsenter",
                "--target",
                Long.toString(first.pid()),
                "--user",
                "--preserve-credentials",
                "--mount",
                "--net",
                "--pid",
                "--");
    }

    /** The namespaces have another working directory. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(one -> Path.of(one).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Changes both directions. */
    public void change(Conditions conditions) throws IOException {
        tell("both " + conditions);
    }

    /** Changes what the laptop sends. */
    public void changeUp(Conditions conditions) throws IOException {
        tell("up " + conditions);
    }

    /** Changes what the laptop receives. */
    public void changeDown(Conditions conditions) throws IOException {
        tell("down " + conditions);
    }

    /** All flows are seen from another address, with other ports; the old ones lead nowhere. */
    public void rebind() throws IOException {
        tell("rebind " + OUTSIDE + ++rebinds);
    }

    /** {@return what became of the packets, as text} */
    public String counters() throws IOException {
        return tell("counters");
    }

    private String tell(String line) throws IOException {
        commands.write(line + "\n");
        commands.flush();
        String answer = answers.readLine();
        if (answer == null || answer.startsWith("error")) {
            throw new IOException("the link emulator says to '" + line + "': " + answer);
        }
        return answer;
    }

    /** The good link is the way again. */
    @Override
    public void close() {
        try {
            commands.close();
            if (!emulator.waitFor(10, TimeUnit.SECONDS)) {
                emulator.destroyForcibly();
            }
        } catch (IOException e) {
            emulator.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
