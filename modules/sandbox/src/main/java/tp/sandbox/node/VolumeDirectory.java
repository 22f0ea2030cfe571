package tp.sandbox.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import tp.spi.common.TpException;

/**
 * A volume whose files change together, as the kubelet's do: the files lie in a hidden directory,
 * {@code ..data} points to it, and the visible names point into {@code ..data}. Whoever reads sees
 * all of the old or all of the new.
 */
record VolumeDirectory(Path path) {

    private static final String DATA = "..data";

    /** One file. */
    record Entry(ByteBuffer content, int mode) {

        Entry(byte[] content, int mode) {
            this(ByteBuffer.wrap(content), mode);
        }
    }

    void create() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            // A pod's programs may have any uid.
            Files.setPosixFilePermissions(path, EnumSet.allOf(PosixFilePermission.class));
        }
    }

    void show(Map<String, Entry> entries) throws IOException {
        create();
        Path data = path.resolve(DATA);
        if (Files.exists(data) && isShown(data, entries)) {
            return;
        }
        Path made = Files.createDirectory(path.resolve("..tp" + UUID.randomUUID()));
        Set<String> names = new HashSet<>();
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            Path file = child(made, entry.getKey());
            Files.write(file, entry.getValue().content().array());
            Files.setPosixFilePermissions(file, permissions(entry.getValue().mode()));
            names.add(made.relativize(file).getName(0).toString());
        }
        Path before = Files.exists(data) ? data.toRealPath() : made;
        Path link = path.resolve("..data_tmp");
        Files.createSymbolicLink(link, made.getFileName());
        Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
        for (String name : names) {
            if (!Files.exists(path.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(path.resolve(name), Path.of(DATA, name));
            }
        }
        dropStale(names);
        if (!before.equals(made)) {
            delete(before);
        }
    }

    private void dropStale(Set<String> names) throws IOException {
        try (Stream<Path> present = Files.list(path)) {
            for (Path file : present.toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith("..") && !names.contains(name)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean isShown(Path data, Map<String, Entry> entries) throws IOException {
        try (Stream<Path> present = Files.walk(data.toRealPath())) {
            long files = present.filter(Files::isRegularFile).count();
            if (files != entries.size()) {
                return false;
            }
        }
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            Path file = data.resolve(entry.getKey());
            if (!Files.isRegularFile(file)
                    || !ByteBuffer.wrap(Files.readAllBytes(file))
                            .equals(entry.getValue().content())) {
                return false;
            }
        }
        return true;
    }

    /** A path below a volume that cannot leave it. */
    private static Path child(Path directory, String path) throws IOException {
        Path child = directory.resolve(path).normalize();
        if (!child.startsWith(directory) || child.equals(directory)) {
            throw TpException.environment("the path \"" + path + "\" leaves its volume", "");
        }
        Files.createDirectories(child.getParent());
        return child;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        // The constants are in the order of the bits, the highest first.
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & (1 << (all.length - 1 - i))) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    /** Deletes a directory with all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
