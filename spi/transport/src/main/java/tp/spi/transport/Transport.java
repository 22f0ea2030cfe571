package tp.spi.transport;

import java.io.IOException;
import java.util.Optional;

/** One way to the manager. The lifecycle and threads are in the package's description. */
public interface Transport extends AutoCloseable {

    /**
     * Connects to the manager; may block.
     *
     * @return owned by the caller
     * @throws IOException with one line that says what did not answer
     */
    Link open() throws IOException;

    /** {@return where the latest link goes, if to one of the context's endpoints} */
    default Optional<Endpoint> endpoint() {
        return Optional.empty();
    }

    /** Ends every link that is still open. Does not throw; a second call does nothing. */
    @Override
    void close();
}
