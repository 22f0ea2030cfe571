import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Classes that are ready to be mapped into memory (JEP 310, JEP 483): the JDK's own for every process,
 * for commands all that they need to start, and for the daemon and its helper all that a connect needs.
 * Each is made with the options with which it is used later. Why so:
 * docs/adr/0007-an-archive-of-the-classes-of-commands.md and docs/adr/0021-the-classes-of-the-daemon-are-listed.md.
 */
final class Archives {

    /** Commands that end at once beside a daemon that is connected to nothing. */
    private static final List<List<String>> TRAINING = List.of(
            List.of("--help"),
            List.of("version"),
            List.of("status"),
            List.of("status", "--output", "json"),
            List.of("status", "--output", "yaml"),
            List.of("__complete", "--", "connect", "--"),
            List.of("quit"));

    /** Classes first, and then what is said of them. */
    private static final Comparator<String> CLASSES_FIRST =
            Comparator.<String, Boolean>comparing(line -> line.startsWith("@")).thenComparing(Comparator.naturalOrder());

    /** What depends on the machine otherwise, and is in the archive. */
    private static final List<String> SAME_MACHINE =
            List.of("-XX:ActiveProcessorCount=2", "-Xms64m", "-Xmx64m", "-XX:+UseSerialGC");

    /** As in tp.host.JavaCommand, which starts the helper and the keeper with it. */
    private static final List<String> HELPER = List.of(
            "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "--enable-native-access=org.jnrproject.jffi,tp.os",
            "-m", "tp.host/tp.host.HelperMain");

    private static final int HEADER_BYTES = 4096;
    private static final int HEADER_CHECKSUMS = 2;
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);

    private final Path image;
    private final Path lists;
    private final Path work;
    private final Path runtime;

    /** @param lists folder of what a connect loads, written by {@code src/archives/generate.sh} */
    Archives(Path image, Path lists) throws IOException {
        this.image = image;
        this.lists = lists;
        work = image.resolveSibling("archives");
        // A socket's path is short, and that of a checkout may not be.
        runtime = Files.createTempDirectory("tp-build-");
    }

    void create() throws IOException, InterruptedException {
        Files.createDirectories(image.resolve("lib/tp"));
        Files.createDirectories(work);
        try {
            succeed("", concat(List.of(image.resolve("bin/java").toString(), "-Xshare:dump"), SAME_MACHINE));
            String tp = image.resolve("bin/tp").toString();
            archive("commands", commandClasses(), List.of(tp));
            archive("daemon", lists.resolve("daemon.classes"), List.of(tp, "daemon"));
            archive("helper", lists.resolve("helper.classes"), helper());
        } finally {
            ImageBuild.deleteTree(runtime);
        }
    }

    private List<String> helper() {
        String file = "-XX:SharedArchiveFile=" + image.resolve("lib/tp/helper.jsa");
        return concat(List.of(image.resolve("bin/java").toString(), file), HELPER);
    }

    private Path commandClasses() throws IOException, InterruptedException {
        Set<String> classes = new TreeSet<>(CLASSES_FIRST);
        Process daemon = startDaemon();
        try {
            for (List<String> command : TRAINING) {
                Path list = work.resolve("classes");
                // Interpreted: compiled code resolves constants in its own way, at a time of chance.
                tp("-Xint -XX:DumpLoadedClassList=" + list, command);
                // The numbers are for classes of other loaders. Sorted, since threads race for the order.
                Files.readAllLines(list).forEach(line -> classes.add(line.replaceFirst(" id: \\d+$", "")));
            }
        } finally {
            daemon.destroy();
            daemon.waitFor();
        }
        return Files.write(work.resolve("commands.classes"), classes);
    }

    private void archive(String name, Path classes, List<String> line) throws IOException, InterruptedException {
        Path archive = image.resolve("lib/tp/" + name + ".jsa");
        Files.write(archive, withoutClocks(dump(archive, classes, line), dump(archive, classes, line)));
    }

    /** An archive, and when it was made by the clock that is in it. */
    private record Dump(ByteBuffer bytes, long begunMs, long endedMs) {

        boolean isOfItsTime(long value) {
            return begunMs <= value && value <= endedMs;
        }
    }

    private Dump dump(Path archive, Path classes, List<String> line) throws IOException, InterruptedException {
        long begun = uptimeMs();
        succeed(
                String.join(" ", SAME_MACHINE) + " -Xshare:dump -XX:+AOTClassLinking -XX:SharedClassListFile=" + classes,
                line);
        byte[] dumped = Files.readAllBytes(archive);
        Files.delete(archive);
        return new Dump(ByteBuffer.wrap(dumped).order(ByteOrder.nativeOrder()), begun, uptimeMs());
    }

    private static long uptimeMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /**
     * Soft references in the archived heap carry the machine's uptime in milliseconds. That and, in
     * the header, two checksums over it (which nobody verifies without -XX:+VerifySharedSpaces) are
     * all in which two dumps may differ. Zero does as well.
     */
    private static byte[] withoutClocks(Dump one, Dump other) {
        ByteBuffer result = one.bytes();
        if (result.limit() != other.bytes().limit()) {
            throw new IllegalStateException("two dumps of one class list have different lengths");
        }
        int checksums = 0;
        for (int at = 0; at < HEADER_BYTES; at += Integer.BYTES) {
            if (result.getInt(at) != other.bytes().getInt(at)) {
                result.putInt(at, 0);
                checksums++;
            }
        }
        if (checksums > HEADER_CHECKSUMS) {
            throw new IllegalStateException("two dumps differ in " + checksums + " numbers of the header");
        }
        for (int at = HEADER_BYTES; at < result.limit(); at += Long.BYTES) {
            long value = result.getLong(at);
            long second = other.bytes().getLong(at);
            if (value == second) {
                continue;
            }
            if (!one.isOfItsTime(value) || !other.isOfItsTime(second)) {
                throw new IllegalStateException(
                        "two dumps differ at " + at + " in what is no clock: " + value + " and " + second);
            }
            result.putLong(at, 0);
        }
        return result.array();
    }

    private Process startDaemon() throws IOException, InterruptedException {
        Process daemon = start("", List.of(image.resolve("bin/tp").toString(), "daemon"));
        long deadline = System.nanoTime() + START_TIMEOUT_NS;
        while (!Files.exists(socket())) {
            if (!daemon.isAlive() || System.nanoTime() > deadline) {
                daemon.destroy();
                throw new IllegalStateException("no daemon to train with: " + Files.readString(log()));
            }
            Thread.sleep(20);
        }
        return daemon;
    }

    private void tp(String options, List<String> command) throws IOException, InterruptedException {
        succeed(options, concat(List.of(image.resolve("bin/tp").toString()), command));
    }

    private void succeed(String options, List<String> line) throws IOException, InterruptedException {
        if (start(options, line).waitFor() != 0) {
            throw new IllegalStateException(line + " failed: " + Files.readString(log()));
        }
    }

    private static List<String> concat(List<String> start, List<String> end) {
        return Stream.concat(start.stream(), end.stream()).toList();
    }

    private Process start(String options, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().put("HOME", runtime.toString());
        builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
        builder.environment().put("XDG_STATE_HOME", runtime.toString());
        builder.environment().put("JDK_JAVA_OPTIONS", options);
        return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    private Path socket() {
        return runtime.resolve("tp/daemon.sock");
    }

    private Path log() {
        return work.resolve("log");
    }
}
