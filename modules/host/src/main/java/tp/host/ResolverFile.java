package tp.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import tp.host.ResolverOriginal.Access;
import tp.os.Processes;

/**
 * {@code /etc/resolv.conf}: changed and put back.
 *
 * <p>The original is moved aside as a whole, in one step with the new file's arrival, so that
 * putting it back restores its kind, owner, mode, times and attributes, also after a loss of power.
 * Where that cannot be (a bind mount cannot be moved: EBUSY), the file is written over in place,
 * and the journal has its content.
 *
 * <p>The first line of what tp writes names the session. A file without it is not ours to put back.
 */
final class ResolverFile {

    static final String MARKER = "# Written by tp for session ";

    /** Ends the first line where there is no original to be found beside the file. */
    static final String NONE_BEFORE = "There was no such file before.";

    private static final int MAX_ORIGINAL_BYTES = 64 * 1024;

    /** The index of the mount point in a line of mountinfo (proc_pid_mountinfo(5)). */
    private static final int MOUNT_POINT = 4;

    /** Of what is no file. */
    private static final Access NO_ACCESS = new Access(0, 0, 0, 0);

    private final Path path;
    private final String sessionId;

    /**
     * {@return the file that programs read} Normally {@code /etc/resolv.conf} itself, link or not;
     * where that is a link to a file that something is mounted on, that file: the mount is what
     * belongs to this namespace, the link may belong to a whole host. Likewise where the link
     * itself cannot be changed, on a system whose {@code /etc} is read-only.
     */
    static Path located(Path configured) {
        try {
            Path real = configured.toRealPath();
            String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
            boolean mounted =
                    mounts.lines()
                            .map(line -> line.split(" "))
                            .anyMatch(
                                    words ->
                                            words.length > MOUNT_POINT
                                                    && words[MOUNT_POINT].equals(real.toString()));
            boolean fixed =
                    Files.getFileStore(configured.toAbsolutePath().getParent()).isReadOnly();
            return mounted || fixed ? real : configured;
        } catch (IOException e) {
            return configured;
        }
    }

    /** Makes the record durable before the file changes. */
    interface Recorder {
        void record(ResolverOriginal original) throws IOException;
    }

    ResolverFile(Path path, String sessionId) {
        this.path = path;
        this.sessionId = sessionId;
    }

    /** {@return where the original is kept while the session lasts} */
    Path aside() {
        return path.resolveSibling(path.getFileName() + ".tp-" + sessionId);
    }

    /** {@return what programs read now} */
    String text() {
        return text(path);
    }

    /** {@return what they would read without this session} */
    String textBefore(Journal journal) {
        return journal.resolver()
                .map(
                        original ->
                                original.place() == ResolverOriginal.Place.ASIDE
                                        ? text(aside())
                                        : new String(original.content(), UTF_8))
                .orElse("");
    }

    /** {@return the text, empty where there is none} */
    static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_ORIGINAL_BYTES), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private String marker() {
        return MARKER + sessionId + ".";
    }

    private byte[] marked(String content, ResolverOriginal.Kind kind) {
        String before =
                kind == ResolverOriginal.Kind.ABSENT
                        ? NONE_BEFORE
                        : "The file that was here comes back when the session ends.";
        return (marker() + " " + before + "\n" + content).getBytes(UTF_8);
    }

    /**
     * Writes this content; the first time, what there was is recorded before.
     *
     * @param recorded whether it was: then a later session may have put its file over ours
     */
    void apply(String content, boolean recorded, Recorder recorder) throws IOException {
        if (isOurs(path)) {
            replace(marked(content, ResolverOriginal.Kind.FILE));
            return;
        }
        if (recorded && text().startsWith(MARKER)) {
            applyBeneath(content);
            return;
        }
        Files.deleteIfExists(aside());
        ResolverOriginal original = read();
        byte[] bytes = marked(content, original.kind());
        if (original.kind() == ResolverOriginal.Kind.ABSENT) {
            recorder.record(original);
            replace(bytes);
        } else if (!exchanged(original, bytes, recorder)) {
            recorder.record(original.at(ResolverOriginal.Place.HERE));
            replace(bytes);
        }
    }

    /** What a later session has put aside, and puts back when it ends. */
    private void applyBeneath(String content) throws IOException {
        String theirs = path.getFileName() + ".tp-*";
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(path.toAbsolutePath().getParent(), theirs)) {
            for (Path file : files) {
                if (!file.getFileName().equals(aside().getFileName()) && isOurs(file)) {
                    byte[] bytes = marked(content, ResolverOriginal.Kind.FILE);
                    write(file, bytes, WRITE, TRUNCATE_EXISTING, NOFOLLOW_LINKS);
                }
            }
        }
    }

    private boolean exchanged(ResolverOriginal original, byte[] bytes, Recorder recorder)
            throws IOException {
        try {
            create(aside(), bytes);
            recorder.record(original.at(ResolverOriginal.Place.ASIDE));
            Processes.exchange(path, aside());
            return true;
        } catch (IOException e) {
            // A bind mount, a directory that cannot be written, a file system that cannot exchange.
            Files.deleteIfExists(aside());
            return false;
        }
    }

    /** {@return the file as it is} */
    private ResolverOriginal read() throws IOException {
        ResolverOriginal.Place here = ResolverOriginal.Place.HERE;
        if (Files.isSymbolicLink(path)) {
            String target = Files.readSymbolicLink(path).toString();
            return new ResolverOriginal(
                    ResolverOriginal.Kind.LINK, here, new byte[0], target, NO_ACCESS);
        }
        try {
            if (Files.size(path) > MAX_ORIGINAL_BYTES) {
                throw new IOException(path + " is larger than 64 KiB");
            }
            Access access = Access.of(path);
            return new ResolverOriginal(
                    ResolverOriginal.Kind.FILE, here, Files.readAllBytes(path), "", access);
        } catch (NoSuchFileException e) {
            return new ResolverOriginal(
                    ResolverOriginal.Kind.ABSENT, here, new byte[0], "", NO_ACCESS);
        }
    }

    /**
     * Puts the original back.
     *
     * @return a note for people where the file was not ours any more
     */
    Optional<String> restore(ResolverOriginal original) throws IOException {
        boolean ours = isOurs(path);
        boolean aside = original.place() == ResolverOriginal.Place.ASIDE;
        if (aside && (!ours || Files.exists(aside(), NOFOLLOW_LINKS))) {
            return restoreAside(ours);
        }
        if (!ours) {
            return isAsBefore(original) ? Optional.empty() : Optional.of(leftAlone());
        }
        switch (original.kind()) {
            case ABSENT -> Files.delete(path);
            case FILE -> {
                replace(original.content());
                original.access().set(path);
            }
            case LINK -> {
                Path link = path.resolveSibling(path.getFileName() + ".tp-link");
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, Path.of(original.linkTarget()));
                Files.move(link, path, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return Optional.empty();
    }

    /** Puts back what is aside, or throws it away where the file is not ours any more. */
    Optional<String> restoreAside(boolean ours) throws IOException {
        if (ours) {
            Files.move(aside(), path, StandardCopyOption.ATOMIC_MOVE);
            return Optional.empty();
        }
        // Ours is aside: the exchange did not happen. Else somebody wrote a newer one since.
        boolean exchanged = !isOurs(aside());
        Files.deleteIfExists(aside());
        return exchanged ? Optional.of(leftAlone()) : Optional.empty();
    }

    private boolean isAsBefore(ResolverOriginal original) throws IOException {
        return read().equals(original);
    }

    private String leftAlone() {
        return path + " was changed by another program meanwhile and stays as it is";
    }

    /** {@return whether the file is what this session wrote} */
    boolean isOurs(Path file) throws IOException {
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return isOurs(in.readNBytes(MAX_ORIGINAL_BYTES));
        }
    }

    /** {@return whether this is what this session wrote} */
    boolean isOurs(byte[] content) {
        byte[] expected = marker().getBytes(UTF_8);
        return content.length >= expected.length
                && Arrays.equals(expected, 0, expected.length, content, 0, expected.length);
    }

    /** By renaming, so that no reader sees half of it; in place where that is not possible. */
    private void replace(byte[] bytes) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".tp-new");
        try {
            Files.deleteIfExists(next);
            create(next, bytes);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(next);
            } catch (IOException unwritable) {
                e.addSuppressed(unwritable);
            }
            write(path, bytes, WRITE, TRUNCATE_EXISTING, NOFOLLOW_LINKS);
        }
    }

    /** For everybody to read, whatever this process's umask. */
    private static void create(Path file, byte[] bytes) throws IOException {
        write(file, bytes, CREATE_NEW, WRITE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void write(Path file, byte[] bytes, OpenOption... options) throws IOException {
        try (FileChannel channel = FileChannel.open(file, options)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }
}
