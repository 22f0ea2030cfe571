import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The classes that commands need to start, ready to be mapped into memory (JEP 310, JEP 483). Made by
 * {@code bin/tp} itself, so that it has the options with which it is used later. Why so:
 * docs/adr/0007-an-archive-of-the-classes-of-commands.md.
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

    private static final int HEADER_BYTES = 4096;
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);

    private final Path image;
    private final Path archive;
    private final Path work;

    Archives(Path image) {
        this.image = image;
        archive = image.resolve("lib/tp/commands.jsa");
        work = image.resolveSibling("archives");
    }

    void create() throws IOException, InterruptedException {
        Files.createDirectories(archive.getParent());
        Files.createDirectories(work);
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
        Path list = work.resolve("commands.classes");
        Files.write(list, classes);
        Files.write(archive, withoutClocks(dump(list), dump(list)));
    }

    private byte[] dump(Path list) throws IOException, InterruptedException {
        tp("-Xshare:dump -XX:+AOTClassLinking -XX:SharedClassListFile=" + list, List.of());
        byte[] dumped = Files.readAllBytes(archive);
        Files.delete(archive);
        return dumped;
    }

    /**
     * Soft references in the archived heap carry the machine's uptime in milliseconds. That and, in
     * the header, two checksums over it (which nobody verifies without -XX:+VerifySharedSpaces) are
     * all in which two dumps differ. Zero does as well.
     */
    private static byte[] withoutClocks(byte[] one, byte[] other) {
        if (one.length != other.length) {
            throw new IllegalStateException("two dumps of one class list have different lengths");
        }
        byte[] result = one.clone();
        int at = 0;
        while (at < result.length) {
            int end = at + (at < HEADER_BYTES ? Integer.BYTES : Long.BYTES);
            if (!Arrays.equals(one, at, end, other, at, end)) {
                Arrays.fill(result, at, end, (byte) 0);
            }
            at = end;
        }
        return result;
    }

    private Process startDaemon() throws IOException, InterruptedException {
        Process daemon = start("", List.of(image.resolve("bin/java").toString(), "-m", "tp.daemon/tp.daemon.Main"));
        long deadline = System.nanoTime() + START_TIMEOUT_NS;
        while (!Files.exists(work.resolve("tp/daemon.sock"))) {
            if (!daemon.isAlive() || System.nanoTime() > deadline) {
                daemon.destroy();
                throw new IllegalStateException("no daemon to train with: " + Files.readString(log()));
            }
            Thread.sleep(20);
        }
        return daemon;
    }

    private void tp(String options, List<String> command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(image.resolve("bin/tp").toString()));
        line.addAll(command);
        if (start(options, line).waitFor() != 0) {
            throw new IllegalStateException(line + " failed: " + Files.readString(log()));
        }
    }

    private Process start(String options, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().put("HOME", work.toString());
        builder.environment().put("XDG_RUNTIME_DIR", work.toString());
        builder.environment().put("XDG_STATE_HOME", work.toString());
        builder.environment().put("JDK_JAVA_OPTIONS", options);
        return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    private Path log() {
        return work.resolve("log");
    }
}
