package tp.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A Java runtime with the manager's modules in it, and its native code beside the JVM's own: where
 * that lay in jars it would be unpacked at each start, for which a file system that is only read
 * has no place.
 */
record ManagerRuntime(Path home) {

    private static final List<String> OPTIONS =
            List.of(
                    "--illegal-native-access=allow",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "-Xmx128m");

    /** Modules that hold some. */
    private static final List<String> WITH_NATIVE_CODE =
            List.of("io.netty.codec.classes.quic", "io.netty.transport.classes.epoll");

    private static final String NATIVE_CODE = "META-INF/native";

    /**
     * @param modules the manager's, in jars that are called by their names, and no others
     */
    static ManagerRuntime link(Path modules, Path home) throws IOException, InterruptedException {
        deleteTree(home);
        // The order of jlink's plug-ins comes from identity hashes, and is in the bytes.
        List<String> line =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
                        "-J-XX:+UnlockExperimentalVMOptions",
                        "-J-XX:hashCode=2",
                        "--module-path",
                        modules.toString(),
                        "--add-modules",
                        String.join(",", names(modules)),
                        "--strip-debug",
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        home.toString());
        int code = new ProcessBuilder(line).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IOException("jlink ended with " + code);
        }
        for (String module : WITH_NATIVE_CODE) {
            copyNativeCode(modules.resolve(module + ".jar"), home.resolve("lib"));
        }
        return new ManagerRuntime(home);
    }

    private static List<String> names(Path modules) {
        return ModuleFinder.of(modules).findAll().stream()
                .map(module -> module.descriptor().name())
                .sorted()
                .toList();
    }

    private static void copyNativeCode(Path jar, Path to) throws IOException {
        try (FileSystem from = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.list(from.getPath(NATIVE_CODE))) {
            for (Path file : files.filter(one -> one.toString().endsWith(".so")).toList()) {
                Path library = to.resolve(file.getFileName().toString());
                Files.copy(file, library, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(
                        library, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    /** {@return what starts the manager, once this is at that place} */
    List<String> command(Path place) {
        return Stream.of(
                        Stream.of(place.resolve("bin/java").toString()),
                        OPTIONS.stream(),
                        Stream.of("-m", "tp.manager/tp.manager.Main"))
                .flatMap(words -> words)
                .toList();
    }

    /** {@return each file by its place below home, sorted} */
    Map<Path, Path> files() throws IOException {
        Map<Path, Path> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(home)) {
            tree.filter(Files::isRegularFile)
                    .forEach(file -> files.put(home.relativize(file), file));
        }
        return files;
    }

    /** {@return what is linked with libraries of the machine} */
    List<Path> executables() throws IOException {
        return files().values().stream()
                .filter(
                        file ->
                                file.toString().endsWith(".so")
                                        || file.startsWith(home.resolve("bin")))
                .toList();
    }

    /** {@return where its own libraries are, which its java finds without being told} */
    String libraryPath() {
        return home.resolve("lib") + ":" + home.resolve("lib/server");
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(ManagerRuntime::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
