package tp.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Searches for inputs that break a target, led by coverage: a process of Jazzer for each, one after
 * the other, which together take {@code -Dfuzz.seconds}, their starts included. What one finds is
 * told with its bytes.
 */
class FuzzTest {

    private static final long SECONDS = Long.getLong("fuzz.seconds", 0);
    private static final int MOST_INPUT_BYTES = 4096;

    /** A build that is short tries the same each time; a long search is another one, which is 0. */
    private static final int SEED = SECONDS < 300 ? 1 : 0;

    /** One input may take no longer, on a machine that does other things too. */
    private static final int INPUT_SECONDS = 20;

    private static final int RSS_MB = 2048;

    /** What a slow machine needs until a search begins, and after it has ended. */
    private static final int START_SECONDS = 120;

    /** Jazzer has native parts, and those for these. */
    private static final Set<String> MACHINES = Set.of("amd64", "x86_64", "aarch64");

    /** Jazzer's own, which watch for what a web application does wrong, and take their time. */
    private static final String SANITIZERS =
            Stream.of(
                            "BigDecimal",
                            "ClojureLangHooks",
                            "Deserialization",
                            "ExpressionLanguageInjection",
                            "FilePathTraversal",
                            "LdapInjection",
                            "NamingContextLookup",
                            "OsCommandInjection",
                            "ReflectiveCall",
                            "RegexInjection",
                            "RegexRoadblocks",
                            "ScriptEngineInjection",
                            "ServerSideRequestForgery",
                            "SqlInjection",
                            "TemplateInjection",
                            "UnsafeSanitizer",
                            "XPathInjection",
                            "XmlParserSsrfGuidance")
                    .map(name -> "com.code_intelligence.jazzer.sanitizers." + name)
                    .collect(Collectors.joining(":"));

    private static long endNs;
    private static int done;

    /** What the target before took besides its search. */
    private static long overheadNs = TimeUnit.SECONDS.toNanos(2);

    /** Another one is the first each day: where starts are slow, the last have no time left. */
    static List<String> targets() {
        String wanted = System.getProperty("fuzz.target", "");
        List<String> targets = new ArrayList<>(Targets.ALL);
        targets.removeIf(name -> !name.contains(wanted));
        Collections.rotate(targets, LocalDate.now(ZoneOffset.UTC).getDayOfYear());
        return targets;
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noInputIsFoundThatBreaksIt(String name) throws Exception {
        if (SECONDS == 0) {
            System.out.println("not run: FuzzTest, since fuzz.seconds is 0");
            return;
        }
        if (!MACHINES.contains(System.getProperty("os.arch"))
                || !System.getProperty("os.name").equals("Linux")) {
            System.out.println("not run: FuzzTest needs Jazzer's native part for this machine");
            return;
        }
        long began = System.nanoTime();
        if (done == 0) {
            endNs = began + TimeUnit.SECONDS.toNanos(SECONDS);
        } else if (began >= endNs) {
            System.out.println("not run: " + name + ", since " + SECONDS + " s are over");
            return;
        }
        long seconds = share(began);
        Path log = Path.of("target", Targets.folder(name) + ".log");
        Process process =
                new ProcessBuilder(command(name, seconds))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended;
        try {
            ended = process.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        done++;
        overheadNs = Math.max(0, System.nanoTime() - began - TimeUnit.SECONDS.toNanos(seconds));
        System.out.println(Targets.folder(name) + ": " + Progress.of(log));
        assertThat(ended && process.exitValue() == 0).as("%s\n%s", log, end(log)).isTrue();
    }

    /** {@return for how long to search, so that with all starts and ends it is the time given} */
    private static long share(long nowNs) {
        long ns = (endNs - nowNs) / (targets().size() - done) - overheadNs;
        return Math.max(1, TimeUnit.NANOSECONDS.toSeconds(ns));
    }

    private static List<String> command(String name, long seconds) throws Exception {
        Path arguments = Path.of("target", Targets.folder(name) + ".args");
        Files.write(arguments, arguments(name));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + arguments,
                "-artifact_prefix=target/" + Targets.folder(name) + "-",
                "-max_total_time=" + seconds,
                "-seed=" + SEED,
                "-timeout=" + INPUT_SECONDS,
                "-rss_limit_mb=" + RSS_MB,
                "-max_len=" + MOST_INPUT_BYTES,
                "-print_final_stats=1",
                // What is new goes into the first folder.
                Corpus.found(name).toString(),
                Files.createDirectories(Corpus.kept(name)).toString(),
                Corpus.seeds(name).toString());
    }

    /** {@return what java is told for that target, whatever is then done with it} */
    private static List<String> arguments(String name) {
        return List.of(
                "-XX:+UseSerialGC",
                "-Xmx512m",
                // The same exception comes often, and is to say each time where from.
                "-XX:-OmitStackTraceInFastThrow",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+EnableDynamicAgentLoading",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Trial.class.getName(),
                "--target_args=" + name,
                "--instrumentation_includes=tp.**:org.xbill.DNS.**",
                "--instrumentation_excludes=tp.fuzz.**:" + name + "**",
                "--custom_hook_includes=tp.**:org.xbill.DNS.**",
                "--custom_hook_excludes=tp.fuzz.**:" + name + "**",
                "--disabled_hooks=" + SANITIZERS,
                "--reproducer_path=target");
    }

    private static String end(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }
}
