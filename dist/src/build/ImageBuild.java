import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Makes the runtime image, with the JDK's own tools: gives the libraries that are no modules the
 * descriptors of {@code src/descriptors}, puts jffi's native stub where jffi looks for it, links all
 * with jlink, adds {@code bin/tp} and the manager's own jars, and archives the classes that commands, the daemon and its helper need. The same
 * sources give the same bytes.
 *
 * <p>Run by the build: {@code java ImageBuild.java <dist folder>}; reads {@code target/lib}, writes
 * {@code target/modules} and {@code target/image}.
 */
final class ImageBuild {

    /** Loaded through ServiceLoader or reflection only, so that no other module requires them. */
    private static final List<String> UNREQUIRED = List.of(
            "io.fabric8.kubernetes.client.vertx5", "org.slf4j.jul", "tp.transport.portforward", "jdk.zipfs");

    /** What it is for: docs/adr/0002-one-linked-runtime.md. */
    private static final String OPTIONS = "-Dsun.misc.unsafe.memory.access=allow";

    private final Path lib;
    private final Path modules;
    private final Path image;
    private final Path descriptors;
    private final Path extra;
    private final Path classLists;

    private ImageBuild(Path dist) {
        lib = dist.resolve("target/lib");
        modules = dist.resolve("target/modules");
        image = dist.resolve("target/image");
        descriptors = dist.resolve("src/descriptors");
        extra = dist.resolve("src/image");
        classLists = dist.resolve("src/archives").toAbsolutePath();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        ImageBuild build = new ImageBuild(Path.of(args[0]));
        build.copyJars();
        build.addDescriptors();
        build.moveNativeCode();
        build.refuseAutomaticModules();
        build.link();
        build.copyExtras();
        new ManagerJars(build.modules, build.image.resolve("manager")).write();
        new Archives(build.image, build.classLists).create();
    }

    private void copyJars() throws IOException {
        deleteTree(modules);
        Files.createDirectories(modules);
        try (LinkableJars jars = new LinkableJars(lib)) {
            jars.copyTo(modules);
        }
    }

    private void addDescriptors() throws IOException {
        Map<String, Path> automatic = automaticModules();
        List<String> described = children(descriptors);
        Path classes = modules.resolveSibling("descriptors");
        deleteTree(classes);
        List<String> javac = new ArrayList<>(List.of(
                "-nowarn", "--module-path", modules.toString(), "--module-source-path", descriptors.toString(),
                "-d", classes.toString(), "--module", String.join(",", described)));
        for (String module : described) {
            Path jar = automatic.get(module);
            if (jar == null) {
                throw new IllegalStateException("src/descriptors has " + module + ", but no such jar is a dependency");
            }
            javac.add("--patch-module");
            javac.add(module + "=" + jar);
        }
        run("javac", javac);
        for (String module : described) {
            run("jar", List.of("--update", "--file", automatic.get(module).toString(),
                    "-C", classes.resolve(module).toString(), "module-info.class"));
        }
    }

    /**
     * A library that only ServiceLoader's eye reaches would not be in the graph of a started process, and
     * a named module's getResourceAsStream sees its own jar only: native code goes to who loads it.
     */
    private void moveNativeCode() throws IOException {
        move("/jni/x86_64-Linux", "jffi-[0-9.]+-native\\.jar", "jffi-[0-9.]+\\.jar");
        move("/META-INF/native", "netty-codec-native-quic-.*\\.jar", "netty-codec-classes-quic-.*\\.jar");
        move("/META-INF/native", "netty-transport-native-epoll-.*\\.jar", "netty-transport-classes-epoll-.*\\.jar");
    }

    private void move(String folder, String fromJar, String toJar) throws IOException {
        Path natives = jar(fromJar);
        try (FileSystem from = FileSystems.newFileSystem(natives);
                FileSystem to = FileSystems.newFileSystem(jar(toJar));
                Stream<Path> files = Files.list(from.getPath(folder))) {
            Files.createDirectories(to.getPath(folder));
            for (Path file : files.toList()) {
                Files.copy(file, to.getPath(file.toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.delete(natives);
    }

    private void refuseAutomaticModules() {
        Map<String, Path> left = automaticModules();
        if (!left.isEmpty()) {
            throw new IllegalStateException("jlink needs a descriptor for " + left.keySet()
                    + "; write it with src/descriptors/generate.sh");
        }
    }

    private void link() throws IOException, InterruptedException {
        deleteTree(image);
        List<String> roots = new ArrayList<>(UNREQUIRED);
        ModuleFinder.of(modules).findAll().stream()
                .map(module -> module.descriptor().name())
                .filter(name -> name.startsWith("tp."))
                .sorted()
                .forEach(roots::add);
        // A process of its own, with plain identity hashes: jlink orders its plug-ins by them, and what
        // comes before and after the stripping of debug attributes is in the bytes.
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                "-J-XX:+UnlockExperimentalVMOptions", "-J-XX:hashCode=2",
                "--module-path", modules.toString(), "--add-modules", String.join(",", roots),
                "--strip-debug", "--no-header-files", "--no-man-pages",
                "--add-options", OPTIONS, "--output", image.toString());
        int code = new ProcessBuilder(line).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("jlink ended with " + code);
        }
    }

    private void copyExtras() throws IOException {
        Files.createDirectories(image.resolve("plugins"));
        for (String name : List.of("tp", "kubectl-tp")) {
            Path script = image.resolve("bin").resolve(name);
            Files.copy(extra.resolve("bin").resolve(name), script);
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private Map<String, Path> automaticModules() {
        Map<String, Path> found = new TreeMap<>();
        ModuleFinder.of(modules).findAll().stream()
                .filter(module -> module.descriptor().isAutomatic())
                .filter(module -> !module.descriptor().name().equals("org.jnrproject.jffi.nativelibs"))
                .forEach(module -> found.put(module.descriptor().name(), Path.of(module.location().orElseThrow())));
        return found;
    }

    private Path jar(String pattern) throws IOException {
        try (Stream<Path> jars = Files.list(modules)) {
            return jars.filter(jar -> jar.getFileName().toString().matches(pattern)).findFirst().orElseThrow();
        }
    }

    private static List<String> children(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static void run(String tool, List<String> arguments) {
        int code = ToolProvider.findFirst(tool).orElseThrow()
                .run(System.out, System.err, arguments.toArray(String[]::new));
        if (code != 0) {
            throw new IllegalStateException(tool + " ended with " + code);
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
