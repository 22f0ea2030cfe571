package tp.spi.transport;

import java.io.IOException;

/** One way to the manager. The lifecycle and threads are in the package's description. */
public interface Transport extends AutoCloseable {

    /**
     * Connects to the manager; may block.
     *
     * @return owned by the caller
     * @throws IOException with one line that says what did not answer
     */
    Link open() throws IOException;

    /** Ends every link that is still open. Does not throw; a second call does nothing. */
    @Override
    void close();
}
