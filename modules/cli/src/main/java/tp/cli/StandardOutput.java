package tp.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Prints, and remembers what of it was lost, which a PrintStream keeps to itself. */
final class StandardOutput extends PrintStream {

    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

    /** What inode(7) calls S_IFMT, S_IFIFO and S_IFSOCK. */
    private static final int KIND = 0170000;

    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;

    private final Place place;
    private final BooleanSupplier hasReader;

    private StandardOutput(Place place, Charset charset, BooleanSupplier hasReader) {
        super(place, true, charset);
        this.place = place;
        this.hasReader = hasReader;
    }

    /** {@return that of this process} */
    static StandardOutput ofProcess() {
        return of(
                new FileOutputStream(FileDescriptor.out),
                System.out.charset(),
                StandardOutput::isConnection);
    }

    /**
     * @param hasReader whether somebody is at the other end, who may have left; asked where writing
     *     failed
     */
    static StandardOutput of(OutputStream out, Charset charset, BooleanSupplier hasReader) {
        return new StandardOutput(new Place(out), charset, hasReader);
    }

    /**
     * {@return why something was lost} A reader that has left wants no more, and is told nothing.
     */
    Optional<IOException> failure() {
        return place.failure.filter(why -> !hasReader.getAsBoolean());
    }

    /** The words of a failure are in the user's language, and are no sign of a pipe. */
    private static boolean isConnection() {
        try {
            int kind = (Integer) Files.getAttribute(DESCRIPTOR, "unix:mode") & KIND;
            return kind == PIPE || kind == SOCKET;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where it goes. */
    private static final class Place extends FilterOutputStream {

        private Optional<IOException> failure = Optional.empty();

        Place(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            try {
                out.write(bytes, start, length);
            } catch (IOException e) {
                failure = failure.or(() -> Optional.of(e));
                throw e;
            }
        }
    }
}
