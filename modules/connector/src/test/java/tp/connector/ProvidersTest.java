package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/** Plug-ins as people write them: compiled here, dropped into a folder as jars. */
class ProvidersTest {

    private static final NamespaceRequest REQUEST = new NamespaceRequest(List.of());

    @TempDir private Path work;
    private Path plugins;

    @BeforeEach
    void folder() throws IOException {
        plugins = Files.createDirectory(work.resolve("plugins"));
    }

    private Point<NamespaceProvider> namespaces() {
        return Providers.find(Map.of("TP_PLUGINS", plugins.toString())).namespaces();
    }

    /** Makes a jar with one module of that name, whose provider has that id and that assessment. */
    private void plugin(String module, String id, String assessment, String constructor)
            throws IOException {
        Path source = Files.createDirectories(work.resolve("src").resolve(module));
        Path own = Files.createDirectories(source.resolve(module.replace('.', '/')));
        Files.writeString(
                source.resolve("module-info.java"),
                "module %s { requires tp.spi.namespace; provides tp.spi.namespace.NamespaceProvider with %s.P; }"
                        .formatted(module, module));
        Files.writeString(
                own.resolve("P.java"),
                """
                package %s;
                import tp.spi.common.Assessment;
                import tp.spi.namespace.*;
                public final class P implements NamespaceProvider {
                    public P() { %s }
                    public String id() { return "%s"; }
                    public Assessment assess(NamespaceRequest r) { %s }
                    public NamespaceMapping map(NamespaceRequest r) {
                        return new NamespaceMapping.All();
                    }
                }
                """
                        .formatted(module, constructor, id, assessment));
        Path classes = work.resolve("classes").resolve(module);
        run(
                "javac",
                "-d",
                classes.toString(),
                "--module-path",
                System.getProperty("jdk.module.path"),
                source.resolve("module-info.java").toString(),
                own.resolve("P.java").toString());
        run(
                "jar",
                "--create",
                "--file",
                plugins.resolve(module + ".jar").toString(),
                "--module-version",
                "1.2",
                "-C",
                classes.toString(),
                ".");
    }

    private static void run(String tool, String... arguments) {
        assertThat(
                        ToolProvider.findFirst(tool)
                                .orElseThrow()
                                .run(System.out, System.err, arguments))
                .isZero();
    }

    private static String usable(int score) {
        return "return new Assessment.Usable(" + score + ", \"fits\");";
    }

    @Test
    void aJarInTheFolderIsFoundWithModuleAndVersion() throws IOException {
        plugin("org.one", "one", usable(5), "");
        List<Assessed<NamespaceProvider>> all = namespaces().assess(p -> p.assess(REQUEST));
        assertThat(all).hasSize(1);
        assertThat(all.getFirst().found().module()).isEqualTo("org.one");
        assertThat(all.getFirst().found().version()).isEqualTo("1.2");
        assertThat(all.getFirst().verdict()).isEqualTo("usable");
    }

    @Test
    void theBestIsFirstAndTheUnusableIsLeftOut() throws IOException {
        plugin("org.low", "low", usable(5), "");
        plugin("org.high", "high", usable(50), "");
        plugin("org.maybe", "maybe", "return new Assessment.Unknown(\"try\");", "");
        plugin("org.no", "no", "return new Assessment.Unusable(\"never\");", "");
        plugin("org.bad", "bad", "throw new IllegalStateException(\"oops\");", "");
        assertThat(namespaces().choose(Optional.empty(), p -> p.assess(REQUEST)))
                .extracting(one -> one.found().id())
                .containsExactly("high", "low", "maybe");
    }

    @Test
    void aBrokenOneThatWasMerelyFoundIsReportedAndSkipped() throws IOException {
        plugin("org.good", "good", usable(5), "");
        plugin("org.broken", "broken", usable(9), "if (true) throw new RuntimeException(\"x\");");
        Files.writeString(plugins.resolve("garbage.jar"), "this is no jar");
        Providers providers = Providers.find(List.of(plugins));
        assertThat(providers.namespaces().choose(Optional.empty(), p -> p.assess(REQUEST)))
                .extracting(one -> one.found().id())
                .containsExactly("good");
        assertThat(providers.broken()).extracting(Broken::point).contains("plug-in", "namespace");
    }

    @Test
    void anIdThatNobodyHasIsWrongUsageAndListsTheKnown() throws IOException {
        plugin("org.one", "one", usable(5), "");
        plugin("org.two", "two", usable(5), "");
        plugin("org.broken", "three", usable(9), "if (true) throw new RuntimeException(\"x\");");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> namespaces().choose(Optional.of("three"), p -> p.assess(REQUEST)))
                .satisfies(
                        e -> {
                            assertThat(e.category()).isEqualTo(TpException.Category.USAGE);
                            assertThat(e.line())
                                    .isEqualTo(
                                            "no namespace is called three (broken: org.broken.P:"
                                                    + " java.lang.RuntimeException: x); known are: one,"
                                                    + " two");
                        });
    }

    @Test
    void oneThatTheUserNamedAndThatCannotBeUsedIsAnError() throws IOException {
        plugin("org.no", "no", "return new Assessment.Unusable(\"never\");", "");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> namespaces().choose(Optional.of("no"), p -> p.assess(REQUEST)))
                .withMessage("namespace no cannot be used here: never");
    }

    @Test
    void ofTwoWithOneIdNoneIsTakenAndBothAreReported() throws IOException {
        plugin("org.one", "same", usable(5), "");
        plugin("org.two", "same", usable(5), "");
        plugin("org.three", "other", usable(1), "");
        Point<NamespaceProvider> point = namespaces();
        assertThat(point.choose(Optional.empty(), p -> p.assess(REQUEST)))
                .extracting(one -> one.found().id())
                .containsExactly("other");
        assertThat(point.broken())
                .extracting(Broken::source, Broken::reason)
                .containsExactly(
                        tuple(
                                "org.one",
                                "modules org.one and org.two both call theirs same; remove one of them"),
                        tuple(
                                "org.two",
                                "modules org.one and org.two both call theirs same; remove one of them"));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> point.choose(Optional.of("same"), p -> p.assess(REQUEST)))
                .withMessageContaining("modules org.one and org.two");
    }

    @Test
    void oneThatNeverAnswersIsUnusable() throws IOException {
        plugin(
                "org.slow",
                "slow",
                "for (;;) { Thread.onSpinWait(); if (Thread.interrupted()) return null; }",
                "");
        List<Assessed<NamespaceProvider>> all = namespaces().assess(p -> p.assess(REQUEST));
        assertThat(all.getFirst().assessment()).isInstanceOf(Assessment.Unusable.class);
    }
}
