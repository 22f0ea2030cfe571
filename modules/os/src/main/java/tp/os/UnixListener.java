package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Accepts Unix stream connections at a path. The path's directory guards who may come. */
public final class UnixListener implements AutoCloseable {

    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_CLOEXEC = 0x80000;

    /** struct sockaddr_un: family and a path of 108 bytes with its final zero (unix(7)). */
    private static final int ADDRESS_BYTES = 110;

    private static final int BACKLOG = 8;

    private final Descriptor descriptor;
    private final Path path;

    private UnixListener(Descriptor descriptor, Path path) {
        this.descriptor = descriptor;
        this.path = path;
    }

    /**
     * @throws OsException {@code EADDRINUSE} if there is such a file
     */
    public static UnixListener listen(Path path) throws OsException {
        Descriptor descriptor = socket();
        try {
            ByteBuffer address = address(path);
            check("bind " + path, C.bind(descriptor.number(), address, address.limit()));
            check("listen", C.listen(descriptor.number(), BACKLOG));
            return new UnixListener(descriptor, path);
        } catch (OsException e) {
            descriptor.close();
            throw e;
        }
    }

    /** {@return the next connection, empty if none comes in that time} */
    public Optional<UnixSocket> accept(Duration atMost) throws OsException {
        if (!LinuxLibrary.awaitInput(descriptor.number(), atMost.toNanos())) {
            return Optional.empty();
        }
        int fd = check("accept", C.accept4(descriptor.number(), null, null, SOCK_CLOEXEC));
        return Optional.of(new UnixSocket(new Descriptor(fd)));
    }

    static Descriptor socket() throws OsException {
        return new Descriptor(check("socket", C.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    }

    static ByteBuffer address(Path path) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > ADDRESS_BYTES - 3) {
            throw new IllegalArgumentException("the path of a socket is too long: " + path);
        }
        ByteBuffer address = LinuxLibrary.memory(ADDRESS_BYTES);
        return address.putShort(0, (short) AF_UNIX).put(2, bytes).limit(bytes.length + 3);
    }

    @Override
    public void close() {
        descriptor.close();
        try {
            Files.deleteIfExists(path);
        } catch (IOException ignored) {
            // The file alone accepts nobody.
        }
    }
}
