package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.testkit.laptop.Laptop;

/**
 * Builds a plug-in as docs/write-a-transport.md says: with the JDK's tools and a finished image.
 */
final class PluginJar {

    /** The example that is kept outside the image. */
    static final Path EXEC = Path.of("../docs/examples/exec-transport/src/main/java");

    private PluginJar() {}

    /** Compiles against the image, and against nothing of it but what it exports. */
    static void build(Path sources, Path classes, Path jar) throws IOException {
        List<String> compile = new ArrayList<>(List.of("javac", "--system"));
        compile.add(Laptop.tp().getParent().getParent().toString());
        compile.addAll(List.of("-p", annotations(), "-d", classes.toString()));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(compile::add);
        }
        run(compile);
        run(List.of("jar", "--create", "--file", jar.toString(), "-C", classes.toString(), "."));
    }

    private static String annotations() {
        return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> entry.matches(".*/jspecify[^/]*\\.jar"))
                .collect(Collectors.joining(":"));
    }

    private static void run(List<String> line) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        String[] arguments = line.subList(1, line.size()).toArray(String[]::new);
        int exit = ToolProvider.findFirst(line.getFirst()).orElseThrow().run(out, out, arguments);
        assertThat(exit).as(said.toString()).isZero();
    }
}
