package tp.host;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tp.host.FieldReader.MalformedException;
import tp.os.Processes;

/**
 * Where root keeps the journals: {@code /run/tp/<session>/journal}. Memory, so that no journal
 * outlives the processes it names; what must survive a loss of power is beside the resolver's file.
 */
final class StateDirectory {

    static final Path BASE = Path.of("/run/tp");

    private final Path base;

    private StateDirectory(Path base) {
        this.base = base;
    }

    /** Makes it, for this user only. */
    static StateDirectory open(Path base) throws IOException {
        makePrivate(base);
        return new StateDirectory(base);
    }

    private static void makePrivate(Path directory) throws IOException {
        var owner = PosixFilePermissions.fromString("rwx------");
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(owner));
        }
        boolean mine =
                Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                        && Files.getAttribute(directory, "unix:uid")
                                .equals(Processes.effectiveUserId())
                        && Files.getPosixFilePermissions(directory).equals(owner);
        if (!mine) {
            throw new IOException(directory + " is not a private directory of this user");
        }
    }

    /** Something done while no other helper or keeper does anything of the kind. */
    interface Locked<T> {
        T run() throws IOException;
    }

    /** {@return what that returns} */
    <T> T locked(Locked<T> action) throws IOException {
        try (FileChannel file = FileChannel.open(base.resolve("lock"), CREATE, WRITE)) {
            file.lock();
            return action.run();
        }
    }

    /** {@return the ids of sessions that have a journal} */
    List<String> sessions() throws IOException {
        try (Stream<Path> entries = Files.list(base)) {
            return entries.filter(entry -> Files.exists(entry.resolve("journal")))
                    .map(entry -> entry.getFileName().toString())
                    .toList();
        }
    }

    /** {@return the session's journal} */
    Optional<Journal> read(String sessionId) throws IOException, MalformedException {
        Path file = journal(sessionId);
        try (FileChannel channel = FileChannel.open(file, READ)) {
            if (channel.size() > Journal.MAX_BYTES) {
                throw new MalformedException("a journal of " + channel.size() + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new MalformedException("cut off");
                }
            }
            return Optional.of(Journal.parse(bytes.array()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Replaces the session's journal as a whole; durable when this returns. */
    void write(String sessionId, Journal journal) throws IOException {
        Path file = journal(sessionId);
        makePrivate(base.resolve(sessionId));
        Path next = file.resolveSibling("journal.new");
        Files.deleteIfExists(next);
        try (FileChannel channel = FileChannel.open(next, CREATE_NEW, WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(journal.bytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Forgets the session. */
    void delete(String sessionId) throws IOException {
        Path file = journal(sessionId);
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.resolveSibling("journal.new"));
        Files.deleteIfExists(base.resolve(sessionId));
    }

    private Path journal(String sessionId) {
        return base.resolve(sessionId).resolve("journal");
    }
}
