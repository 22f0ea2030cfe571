package tp.spi.transport;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/**
 * One way to the manager that gives ordered byte streams. The lifecycle and threads are in the
 * package's description.
 */
public interface Transport extends AutoCloseable {

    /**
     * Opens a byte stream to the manager.
     *
     * @return a blocking channel, owned by the caller, whose {@code read} returns -1 only after an
     *     orderly end
     * @throws IOException with one line that says what did not answer
     */
    ByteChannel open() throws IOException;

    /** Ends every stream that is still open. Does not throw; a second call does nothing. */
    @Override
    void close();
}
