package tp.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A host of its own for a test: network and mount namespaces with a private {@code /run} and {@code
 * /etc}, held by a process that ends with the test.
 */
final class TestHost implements AutoCloseable {

    static final String RESOLV_CONF = "# the host's own\nnameserver 192.0.2.53\noptions edns0\n";

    private static final long PATIENCE_SECONDS = 30;

    private final Path directory;
    private final Child holder;
    private final List<Child> children = new ArrayList<>();

    private TestHost(Path directory, Child holder) {
        this.directory = directory;
        this.holder = holder;
    }

    /**
     * @param setUp shell commands run inside, {@code $D} is the test's directory
     */
    static TestHost start(Path directory, String setUp) throws IOException {
        boolean permitted =
                ProcessHandle.current().info().user().filter("root"::equals).isPresent()
                        && Files.exists(Path.of("/dev/net/tun"));
        String note = "not run: the host's tests need root and /dev/net/tun";
        if (!permitted) {
            System.out.println(note);
        }
        Assumptions.assumeTrue(permitted, note);
        Files.writeString(directory.resolve("resolv.conf"), RESOLV_CONF);
        String script =
                """
                set -e
                D=%s
                mkdir -p $D/etc
                mount -t tmpfs tmpfs $D/etc
                for f in passwd group shadow gshadow nsswitch.conf pam.d security login.defs; do
                    cp -a /etc/$f $D/etc/ || true
                done
                cp $D/resolv.conf $D/etc/resolv.conf
                mount --bind $D/etc /etc
                mount -t tmpfs tmpfs /run
                ip link set lo up
                ip addr add 10.254.9.9/32 dev lo
                ip addr add fd74:9::9/128 dev lo nodad
                until ip -6 route show table local | grep -q fd74:9::9; do sleep 0.01; done
                %s
                echo up
                exec sleep 600
                """
                        .formatted(directory, setUp);
        Child holder =
                new Child(
                        List.of(
                                "unshare",
                                "-n",
                                "-m",
                                "--propagation",
                                "private",
                                "sh",
                                "-c",
                                script));
        holder.await("up");
        return new TestHost(directory, holder);
    }

    Path directory() {
        return directory;
    }

    /** Starts a command inside. */
    Child spawn(List<String> command) throws IOException {
        List<String> whole =
                new ArrayList<>(
                        List.of("nsenter", "-t", Long.toString(holder.pid()), "-n", "-m", "--"));
        whole.addAll(command);
        Child child = new Child(whole);
        children.add(child);
        return child;
    }

    /** Starts a main class of the tests inside. */
    Child java(Class<?> main, String... arguments) throws IOException {
        return spawn(javaCommand(main, arguments));
    }

    static List<String> javaCommand(Class<?> main, String... arguments) {
        return javaCommand(path -> path, main, arguments);
    }

    /**
     * @param places where each entry of the module path and the class path is
     */
    static List<String> javaCommand(
            UnaryOperator<String> places, Class<?> main, String... arguments) {
        String base = System.getProperty("basedir", System.getProperty("user.dir"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-p", entries("jdk.module.path", places)));
        command.addAll(List.of("-cp", entries("java.class.path", places)));
        command.add("--patch-module");
        String tests = Path.of(base, "target", "test-classes").toString();
        command.add("tp.host=" + places.apply(tests));
        command.addAll(List.of("-m", "tp.host/" + main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String entries(String property, UnaryOperator<String> places) {
        return Stream.of(System.getProperty(property, "").split(":", -1))
                .filter(entry -> !entry.isEmpty())
                .map(places)
                .collect(Collectors.joining(":"));
    }

    /** {@return what a shell command prints inside} */
    String shell(String command) throws IOException {
        List<String> whole =
                List.of(
                        "nsenter",
                        "-t",
                        Long.toString(holder.pid()),
                        "-n",
                        "-m",
                        "--",
                        "sh",
                        "-c",
                        command);
        Process process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    /** {@return all that a session may change} Without counters and life times. */
    String snapshot() throws IOException {
        return shell(
                """
                ip -o addr | sed 's/valid_lft.*//'
                ip route show table all
                ip -6 route show table all
                ip rule; ip -6 rule
                nft list ruleset
                ls /etc | grep resolv
                stat -c '%F %a %u %g %Y %N' /etc/resolv.conf
                cat /etc/resolv.conf
                ls /run/tp 2>/dev/null | grep -v lock
                """);
    }

    /** Waits until a shell command inside prints exactly that. */
    long nanosUntilSnapshotIs(String expected) throws Exception {
        long start = System.nanoTime();
        String current = snapshot();
        while (!current.equals(expected)) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new AssertionError("expected\n" + expected + "\nbut it is\n" + current);
            }
            TimeUnit.MILLISECONDS.sleep(20);
            current = snapshot();
        }
        return System.nanoTime() - start;
    }

    @Override
    public void close() {
        children.forEach(Child::kill);
        holder.kill();
    }

    /** A process and the lines it has printed. */
    static final class Child {

        private final Process process;
        private final BufferedWriter input;
        private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final List<String> seen = new ArrayList<>();

        Child(List<String> command) throws IOException {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            input = process.outputWriter(UTF_8);
            Thread.ofPlatform().daemon().start(this::read);
        }

        private void read() {
            try (BufferedReader reader = process.inputReader(UTF_8)) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add("unreadable: " + e.getMessage());
            }
            lines.add("end of output");
        }

        long pid() {
            return process.pid();
        }

        /** {@return the next line that begins with that} */
        String await(String begin) {
            try {
                while (true) {
                    String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    if (line == null || line.equals("end of output")) {
                        throw new AssertionError("no \"" + begin + "\" after " + seen);
                    }
                    seen.add(line);
                    if (line.startsWith(begin)) {
                        return line;
                    }
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** {@return all that it prints until its end} */
        String awaitEnd() {
            StringBuilder all = new StringBuilder();
            try {
                String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                while (line != null && !line.equals("end of output")) {
                    all.append(line).append('\n');
                    line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
                if (line == null) {
                    throw new AssertionError("it does not end: " + seen + all);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return all.toString();
        }

        boolean hasPrinted(String begin) {
            return lines.stream().anyMatch(line -> line.startsWith(begin));
        }

        void tell(String command) throws IOException {
            input.write(command + "\n");
            input.flush();
        }

        /** The kernel's kill -9. */
        void kill() {
            process.destroyForcibly();
        }
    }
}
