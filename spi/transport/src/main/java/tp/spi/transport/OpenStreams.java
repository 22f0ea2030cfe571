package tp.spi.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The streams that a transport has opened, to be able to end them with itself. Each is forgotten
 * when its owner closes it. Safe for use by several threads.
 */
public final class OpenStreams implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(OpenStreams.class.getName());

    private final Object lock = new Object();
    private final Set<ByteChannel> open = new HashSet<>(); // guarded by lock
    private boolean closed; // guarded by lock

    /** None yet. */
    public OpenStreams() {}

    /** Opens a stream; may block. */
    @FunctionalInterface
    public interface Opening {
        ByteChannel open() throws IOException;
    }

    /**
     * {@return the stream that was opened, for its owner}
     *
     * @throws IOException where it cannot be opened, or this is closed, or was so meanwhile
     */
    public ByteChannel add(Opening opening) throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new IOException("the transport is closed");
            }
        }
        ByteChannel stream = opening.open();
        synchronized (lock) {
            if (!closed) {
                open.add(stream);
                return new Remembered(stream);
            }
        }
        stream.close();
        throw new IOException("the transport was closed meanwhile");
    }

    /** Closes all, and whatever is opened later. A second call does nothing. */
    @Override
    public void close() {
        List<ByteChannel> streams;
        synchronized (lock) {
            closed = true;
            streams = List.copyOf(open);
            open.clear();
        }
        for (ByteChannel stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a stream did not close in order", e);
            }
        }
    }

    private final class Remembered implements ByteChannel {
        private final ByteChannel stream;

        Remembered(ByteChannel stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return stream.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return stream.write(source);
        }

        @Override
        public boolean isOpen() {
            return stream.isOpen();
        }

        @Override
        public void close() throws IOException {
            synchronized (lock) {
                open.remove(stream);
            }
            stream.close();
        }
    }
}
