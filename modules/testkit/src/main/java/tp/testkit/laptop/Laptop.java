package tp.testkit.laptop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import tp.testkit.link.Conditions;

/**
 * A shell on the laptop side of a fresh sandbox, or before the cluster that the system property
 * {@code tp.kubeconfig} names, where tests type what a person would. Everything is gone when it is
 * closed, and so are the files in {@code $T}.
 */
public final class Laptop implements AutoCloseable {

    /** What a script printed (standard output and error together) and how it ended. */
    public record Result(int exit, String output) {}

    /** Where the image is, unless somebody says. */
    private static final String IMAGE = "tp.image";

    private final Process sandbox;
    private final BufferedWriter keyboard;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(100_000);
    private int scripts;

    private Laptop(Process sandbox) {
        this.sandbox = sandbox;
        keyboard = sandbox.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::readLines);
    }

    /**
     * Starts a sandbox and waits for its shell. It is that of the image which the system property
     * {@code tp.image} names.
     */
    public static Laptop start() throws IOException, InterruptedException {
        return start(image());
    }

    private static Path image() {
        return Path.of(Objects.requireNonNull(System.getProperty(IMAGE), IMAGE));
    }

    /** Starts a sandbox, and a laptop in it, that run from that image. */
    public static Laptop start(Path image) throws IOException, InterruptedException {
        Optional<Path> other = OtherCluster.kubeconfig();
        ProcessBuilder builder =
                other.isPresent()
                        ? OtherCluster.laptop(other.get(), image)
                        : new ProcessBuilder(
                                image.resolve("bin/tp").toString(), "sandbox", "run", "--", "sh");
        // A Java without tp in it, for pods that want one.
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Laptop laptop = new Laptop(builder.redirectErrorStream(true).start());
        Result ready =
                laptop.run(
                        Duration.ofSeconds(90),
                        "export T=$XDG_STATE_HOME; mkdir -p $T; tp version");
        if (ready.exit() != 0) {
            laptop.close();
            throw new IllegalStateException("the sandbox did not start: " + ready.output());
        }
        return laptop;
    }

    /** {@return whether the cluster is a sandbox, and not one that somebody has named} */
    public static boolean isSandbox() {
        return OtherCluster.kubeconfig().isEmpty();
    }

    /** {@return the program of the image which the system property {@code tp.image} names} */
    public static Path tp() {
        return image().resolve("bin/tp");
    }

    /**
     * {@return the command line of a program, for scripts} It needs nothing but the JDK and what is
     * beside it on the class path.
     */
    public static String java(Class<?> main) {
        return Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "
                + Path.of(
                        URI.create(
                                main.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()))
                + " "
                + main.getName();
    }

    /**
     * From here on the way between laptop and node leads through an emulated link.
     *
     * @param conditions of each direction: twice the delay is the round trip
     */
    public LaptopLink emulate(Conditions conditions) throws IOException {
        return emulate(conditions, LaptopLink.SEED);
    }

    /** The same; what is by chance follows from the seed. */
    public LaptopLink emulate(Conditions conditions, long seed) throws IOException {
        return LaptopLink.start(firstProcess(), conditions, seed);
    }

    /**
     * TCP of laptop and node from here on: what a bad link does depends much on it, and every
     * host's default is its own. Without root a kernel grants {@code reno} and its default.
     */
    public void congestionControl(String algorithm) throws IOException, InterruptedException {
        String set = "echo " + algorithm + " >/proc/sys/net/ipv4/tcp_congestion_control";
        List<String> command = new ArrayList<>(LaptopLink.enter(firstProcess()));
        command.addAll(List.of("sh", "-c", set));
        Process node = new ProcessBuilder(command).redirectErrorStream(true).start();
        node.getOutputStream().close();
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (node.waitFor() != 0 || run(set).exit() != 0) {
            throw new IOException("no congestion control " + algorithm + " here: " + said.strip());
        }
    }

    /** Process 1 of the sandbox: the child of the one that made its namespaces. */
    private ProcessHandle firstProcess() {
        return sandbox.descendants()
                .filter(one -> one.info().command().orElse("").endsWith("/unshare"))
                .findFirst()
                .flatMap(holder -> holder.children().findFirst())
                .orElseThrow(() -> new IllegalStateException("the sandbox has ended"));
    }

    public Result run(String script) throws InterruptedException {
        return run(Duration.ofSeconds(60), script);
    }

    /** Runs a script in a subshell, and waits for its end. */
    public Result run(Duration limit, String script) throws InterruptedException {
        String mark = "tp-test-done-" + ++scripts + ":";
        try {
            keyboard.write(
                    script.startsWith("export ") ? script : "(\n" + script + "\n) 2>&1 </dev/null");
            keyboard.write("\ntp_exit=$?; echo; echo " + mark + "$tp_exit\n");
            keyboard.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the sandbox ended: " + drain(), e);
        }
        return await(mark, limit, script);
    }

    private Result await(String mark, Duration limit, String script) throws InterruptedException {
        List<String> output = new ArrayList<>();
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            String line = lines.poll(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new AssertionError(
                        "no end within "
                                + limit
                                + " of: "
                                + script
                                + "\n"
                                + String.join("\n", output));
            }
            int at = line.indexOf(mark);
            if (at >= 0) {
                return new Result(
                        Integer.parseInt(line.substring(at + mark.length()).strip()),
                        String.join("\n", output).strip());
            }
            output.add(line);
        }
    }

    private List<String> drain() {
        List<String> rest = new ArrayList<>();
        lines.drainTo(rest);
        return rest;
    }

    private void readLines() {
        try (BufferedReader reader = sandbox.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.put(line);
            }
        } catch (IOException | InterruptedException e) {
            lines.offer("(output ended: " + e + ")");
        }
    }

    @Override
    public void close() {
        try {
            keyboard.close();
        } catch (IOException e) {
            // The shell has gone already, which is what closing wants.
        }
        try {
            if (!sandbox.waitFor(20, TimeUnit.SECONDS)) {
                sandbox.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
