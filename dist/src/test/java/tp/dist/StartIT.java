package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/** Commands and the daemon start at once, and load nothing that they do not need. */
@Needs("bash")
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

    /** Prints the processor time of the cheapest of 33 runs of each, in ms. */
    private static final String CHEAPEST =
            """
            cat >$T/cheapest <<'END'
            TIMEFORMAT='%U %S'
            java=$(dirname "$(readlink -f "$(command -v tp)")")/java
            cost() { { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print ($1 + $2) * 1000 }'; }
            for i in $(seq 33); do
                cost COMMAND >>$T/ours
                cost $java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData --version >>$T/bare
            done
            END
            rm -f $T/ours $T/bare; bash $T/cheapest
            echo $(sort -n $T/ours | head -1) $(sort -n $T/bare | head -1)""";

    /** It is four to five, and ten where all classes are read anew. */
    private static final double MOST_BARE_STARTS = 6;

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

    /**
     * Where this fails after a change of ours or of a library, {@code src/archives/generate.sh}
     * writes the list of classes again.
     */
    @Test
    void theDaemonLoadsMostOfAConnectFromItsArchiveAndNoKindThatNobodyAsksFor() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp quit >/dev/null
                        JDK_JAVA_OPTIONS=-Xlog:class+load:file=FOLDER/%p tp connect"""
                                .replace("FOLDER", folder.toString()));

        assertThat(result.exit()).as(result.output()).isZero();
        List<String> loaded = loaded(ofTheDaemon());
        assertThat(loaded)
                .anyMatch(line -> line.startsWith("io.fabric8.kubernetes.api.model.Config "));
        assertThat(loaded)
                .noneMatch(line -> line.startsWith("io.fabric8.kubernetes.api.model.PodSpec "))
                .noneMatch(line -> line.startsWith("io.fabric8.kubernetes.api.model.flowcontrol."));
        assertMostlyArchived("the daemon", loaded);
    }

    /** An archive that does not fit the options of the process is unmapped at once. */
    @ParameterizedTest
    @ValueSource(strings = {"HelperMain", "KeeperMain"})
    void theHelperAndTheKeeperHaveTheirArchive(String main) throws Exception {
        Laptop.Result result =
                laptop.run(
                        "tp connect >/dev/null; for p in $(pgrep -f tp.host.MAIN); do grep -c helper.jsa /proc/$p/maps; done | sort -n | tail -1"
                                .replace("MAIN", main));

        assertThat(Integer.parseInt(result.output())).isPositive();
    }

    private Path ofTheDaemon() throws IOException {
        try (Stream<Path> logs = Files.list(folder)) {
            return logs.filter(log -> loaded(log).stream().anyMatch(StartIT::isTheDaemon))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean isTheDaemon(String line) {
        return line.startsWith("tp.daemon.Main ");
    }

    private String options() {
        return "-Xlog:class+load:file=" + folder.resolve("classes");
    }

    private void assertLoaded(String command) {
        List<String> loaded = loaded(folder.resolve("classes"));
        assertThat(loaded).anyMatch(line -> line.startsWith("tp.cli.Main "));
        assertThat(loaded)
                .noneMatch(line -> HEAVY.stream().anyMatch(part -> line.startsWith(part + ".")));
        assertMostlyArchived(command, loaded);
    }

    private static List<String> loaded(Path log) {
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.replaceFirst("^\\[[^a-z]*.*?load\\] *", ""))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertMostlyArchived(String process, List<String> loaded) {
        long archived =
                loaded.stream().filter(line -> line.contains("shared objects file")).count();
        System.out.printf(
                "%s: %d classes, %d of them archived%n", process, loaded.size(), archived);
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

    /**
     * Beside a bare start of the same Java: how long that takes is the machine's affair. Processor
     * time, and the least of many runs of each, in turns: other work on the machine only adds to
     * it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"tp version", "tp status", "tp status --output json"})
    void isInstant(String command) throws Exception {
        Laptop.Result cheapest = laptop.run(CHEAPEST.replace("COMMAND", command));
        String[] ms = cheapest.output().split(" ", -1);
        double starts = Double.parseDouble(ms[0]) / Double.parseDouble(ms[1]);

        System.out.printf("%s: %s ms, a bare start: %s ms%n", command, ms[0], ms[1]);
        assertThat(starts).isLessThanOrEqualTo(MOST_BARE_STARTS);
    }
}
