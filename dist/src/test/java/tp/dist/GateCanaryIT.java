package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plants one fault per gate in a module of its own, and wants the build to stop at that gate. */
class GateCanaryIT {

    private static final String MODULE =
            "/** A canary. */\n@org.jspecify.annotations.NullMarked\nmodule canary {\n    requires static org.jspecify;\n}\n";

    static List<Arguments> gates() {
        String longMethod = "        count++;\n".repeat(61);
        return List.of(
                Arguments.of(
                        "clean", "    int one() {\n        return 1;\n    }\n", 0, "BUILD SUCCESS"),
                Arguments.of("format", "    int one() { return   1; }\n", 1, "format violations"),
                Arguments.of(
                        "lint",
                        "    java.util.List<String> raw(java.util.List list) {\n        return java.util.List.copyOf(list);\n    }\n",
                        1,
                        "[rawtypes]"),
                Arguments.of(
                        "errorprone",
                        "    boolean same(Integer a, int[] b) {\n        return a.equals(b);\n    }\n",
                        1,
                        "[EqualsIncompatibleType]"),
                Arguments.of(
                        "nullaway",
                        "    int length(@org.jspecify.annotations.Nullable String text) {\n        return text.length();\n    }\n",
                        1,
                        "[NullAway]"),
                Arguments.of(
                        "sizes",
                        "    int count;\n\n    void grow() {\n" + longMethod + "    }\n",
                        1,
                        "MethodLength"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gates")
    void theGateStopsTheBuild(String gate, String body, int expectedExit, String expectedText)
            throws Exception {
        Path module = Path.of("target/canaries", gate).toAbsolutePath();
        write(module.resolve("pom.xml"), pom(gate));
        write(module.resolve("src/main/java/module-info.java"), MODULE);
        write(
                module.resolve("src/main/java/canary/Canary.java"),
                "package canary;\n\n/** A canary. */\nfinal class Canary {\n" + body + "}\n");

        ProcessBuilder build =
                new ProcessBuilder(mavenExecutable(), "-o", "-B", "clean", "process-test-sources")
                        .directory(module.toFile())
                        .redirectErrorStream(true);
        // Maven's own variables would make the child take this build's folders for its own.
        build.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
        Process maven = build.start();
        String output = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(maven.waitFor()).as(output).isEqualTo(expectedExit);
        assertThat(output).contains(expectedText);
    }

    /** The Maven that runs this build, so that the canary needs nothing of its own. */
    private static String mavenExecutable() {
        return Path.of(System.getProperty("tp.maven.home"), "bin", "mvn").toString();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String pom(String gate) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <parent>
                    <groupId>dev.tp</groupId>
                    <artifactId>tp</artifactId>
                    <version>0.1.0-SNAPSHOT</version>
                    <relativePath>../../../../pom.xml</relativePath>
                  </parent>
                  <artifactId>canary-%s</artifactId>
                </project>
                """
                .formatted(gate);
    }
}
