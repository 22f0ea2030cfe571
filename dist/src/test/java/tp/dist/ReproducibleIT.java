package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.testkit.laptop.Laptop;

/**
 * The same sources give the same image, byte for byte: here in another folder, at another time, and
 * from jars whose entries are in another order, as another file system would have them, and with
 * one processor, by whose number the JVM chooses its collector.
 */
@Tag("wide")
@Needs("taskset")
class ReproducibleIT {

    @TempDir Path folder;

    @Test
    void twoBuildsOfTheImageAreEqual() throws Exception {
        Path again = folder.resolve("dist");
        run("cp", "-r", "src", Files.createDirectories(again) + "/src");
        Path lib = Files.createDirectories(again.resolve("target/lib"));
        try (Stream<Path> jars = Files.list(Path.of("target/lib"))) {
            for (Path jar : jars.toList()) {
                copyBackwards(jar, lib.resolve(jar.getFileName()));
            }
        }

        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        run("taskset", "-c", oneProcessor(), java, "src/build/ImageBuild.java", again.toString());

        Map<String, String> first = contents(Laptop.tp().getParent().getParent());
        Map<String, String> second = contents(again.resolve("target/image"));
        assertThat(first)
                .containsKeys(
                        "bin/tp",
                        "lib/modules",
                        "lib/tp/commands.jsa",
                        "lib/tp/daemon.jsa",
                        "lib/tp/helper.jsa");
        assertThat(second.keySet()).isEqualTo(first.keySet());
        assertThat(second)
                .allSatisfy(
                        (file, content) -> assertThat(content).as(file).isEqualTo(first.get(file)));
    }

    /** {@return the number of one that this process may use} */
    private static String oneProcessor() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .map(line -> line.replaceFirst("^\\D*(\\d+).*", "$1"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void copyBackwards(Path from, Path to) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            List<? extends ZipEntry> entries =
                    jar.stream()
                            .sorted(
                                    Comparator.<ZipEntry, String>comparing(ZipEntry::getName)
                                            .reversed())
                            .toList();
            for (ZipEntry entry : entries) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                jar.getInputStream(entry).transferTo(out);
                out.closeEntry();
            }
        }
    }

    /** {@return each file's mode and digest} */
    private static Map<String, String> contents(Path image) throws Exception {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(image)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] digest =
                        MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                contents.put(
                        image.relativize(file).toString(),
                        mode + " " + HexFormat.of().formatHex(digest));
            }
        }
        return contents;
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
