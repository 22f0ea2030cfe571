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

    /**
     * {@return how many links at once serve a session better than one} More than one where what a
     * link carries is bounded by the link, not by the network: then TCP flows are spread over so
     * many, each with a session of its own, as soon as more than one flow is open at a time.
     */
    default int parallelLinks() {
        return 1;
    }

    /** Ends every link that is still open. Does not throw; a second call does nothing. */
    @Override
    void close();
}
