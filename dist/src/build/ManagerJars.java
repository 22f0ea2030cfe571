import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * What the manager runs from where no image of ours is in the cluster: the jars of its modules, each called
 * by its module's name, for a plain Java runtime's module path. An install carries them there, so they are
 * as small as they get; and the same classes give the same bytes, since their hashes are in names.
 */
record ManagerJars(Path modules, Path folder) {

    /** The manager, and what it finds by ServiceLoader. */
    private static final List<String> ROOTS = List.of(
            "org.slf4j.jul", "tp.manager", "tp.transport.grpc", "tp.transport.quic", "tp.transport.websocket");

    /** docs/adr/0026-jars-in-configmaps.md */
    private static final long MOST_BYTES = 12_000_000;

    /** Nobody reads what Maven wrote there, and signatures do not hold for what is packed anew. */
    private static final String LEFT_OUT = "META-INF/(maven/.*|INDEX\\.LIST|[^/]*\\.(SF|RSA|DSA|EC))";

    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    void write() throws IOException {
        Files.createDirectories(folder);
        ModuleFinder finder = ModuleFinder.of(modules);
        Configuration graph = Configuration.empty().resolve(finder, ModuleFinder.ofSystem(), ROOTS);
        long bytes = graph.modules().stream()
                .map(ResolvedModule::reference)
                .filter(module -> finder.find(module.descriptor().name()).isPresent())
                .mapToLong(this::write)
                .sum();
        if (bytes > MOST_BYTES) {
            throw new IllegalStateException("the manager's jars have " + bytes + " bytes, more than " + MOST_BYTES);
        }
        System.out.printf("%s: %.1f MB%n", folder, bytes / 1e6);
    }

    private long write(ModuleReference module) {
        Path from = Path.of(module.location().orElseThrow());
        Path to = folder.resolve(module.descriptor().name() + ".jar");
        try (ZipFile jar = new ZipFile(from.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            out.setLevel(Deflater.BEST_COMPRESSION);
            List<? extends ZipEntry> entries = jar.stream()
                    .filter(entry -> !entry.isDirectory() && !entry.getName().matches(LEFT_OUT))
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .toList();
            for (ZipEntry entry : entries) {
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(TIME);
                out.putNextEntry(copy);
                jar.getInputStream(entry).transferTo(out);
                out.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return to.toFile().length();
    }
}
