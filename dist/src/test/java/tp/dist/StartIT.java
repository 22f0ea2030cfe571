package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/** Commands start at once, and load nothing that they do not need. */
class StartIT {

    /** Packages, each with all below it, of what takes long to load. */
    private static final List<String> HEAVY =
            List.of(
                    "io.fabric8.kubernetes",
                    "io.netty",
                    "io.vertx",
                    "tools.jackson.databind",
                    "org.xbill.DNS",
                    "jnr.ffi",
                    "java.util.logging",
                    "tp.kube");

    private static Laptop laptop;

    @TempDir Path folder;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        assertThat(laptop.run("tp connect").exit()).isZero();
    }

    @AfterAll
    static void quit() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tp version",
                "tp status",
                "tp status --output json",
                "tp status --output yaml",
                "tp --help",
                "tp __complete -- con",
                "tp __complete -- connect --",
                "tp __complete -- status -o j",
                "tp __complete -- connect --context ''",
            })
    void loadsNothingHeavyAndMostFromTheArchive(String command) throws Exception {
        Laptop.Result result =
                laptop.run(
                        "JDK_JAVA_OPTIONS=" + options() + "; export JDK_JAVA_OPTIONS; " + command);

        assertThat(result.exit()).as(result.output()).isZero();
        assertLoaded(command);
    }

    @Test
    void soDoesAQuitWhereNothingRuns() throws Exception {
        ProcessBuilder quit = new ProcessBuilder(Laptop.tp().toString(), "quit");
        quit.environment().put("XDG_RUNTIME_DIR", folder.toString());
        quit.environment().put("JDK_JAVA_OPTIONS", options());

        assertThat(quit.redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor()).isZero();
        assertLoaded("tp quit");
    }

    private String options() {
        return "-Xlog:class+load:file=" + folder.resolve("classes");
    }

    private void assertLoaded(String command) throws IOException {
        List<String> loaded =
                Files.readAllLines(folder.resolve("classes")).stream()
                        .map(line -> line.replaceFirst("^\\[[^a-z]*.*?load\\] *", ""))
                        .toList();
        assertThat(loaded).anyMatch(line -> line.startsWith("tp.cli.Main "));
        assertThat(loaded)
                .noneMatch(line -> HEAVY.stream().anyMatch(part -> line.startsWith(part + ".")));
        long archived =
                loaded.stream().filter(line -> line.contains("shared objects file")).count();
        System.out.printf(
                "%s: %d classes, %d of them archived%n", command, loaded.size(), archived);
        assertThat(archived).isGreaterThan(loaded.size() * 9L / 10);
    }

    /** The list above is of packages that there are. */
    @Test
    void whatIsHeavyIsInTheImage() throws Exception {
        Map<String, String> home =
                Map.of("java.home", Laptop.tp().getParent().getParent().toString());
        try (FileSystem image = FileSystems.newFileSystem(URI.create("jrt:/"), home);
                Stream<Path> packages = Files.list(image.getPath("/packages"))) {
            List<String> names = packages.map(path -> path.getFileName().toString()).toList();

            assertThat(HEAVY)
                    .allMatch(part -> names.stream().anyMatch(name -> name.startsWith(part)));
        }
    }

    /** The quickest of many runs: other work on the machine only adds to what is measured. */
    @ParameterizedTest
    @CsvSource({"tp version, 150", "tp status, 200", "tp status --output json, 200"})
    void isInstant(String command, int limitMs) throws Exception {
        Laptop.Result quickest = laptop.run(quickestOf(command));
        double ms = Integer.parseInt(quickest.output()) / 10.0;

        System.out.printf("%s: %.1f ms%n", command, ms);
        assertThat(ms).isLessThanOrEqualTo(limitMs);
    }

    /** {@return a script that prints the least of 33 runs, in tenths of a millisecond} */
    private static String quickestOf(String command) {
        return """
               for i in $(seq 33); do
                   start=$(date +%s%N); COMMAND >/dev/null; echo $(( ($(date +%s%N) - start) / 100000 ))
               done | sort -n | sed -n 1p
               """
                .replace("COMMAND", command);
    }
}
