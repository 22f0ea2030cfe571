package tp.connector;

import java.net.URI;
import java.util.Optional;

/**
 * Remembers which way worked in the network that this machine is in at the moment, so that the next
 * connect begins with it. Methods do not throw: without a memory everything is tried in its order.
 */
public interface NetworkMemory {

    /**
     * A way to a manager.
     *
     * @param transport the transport's id
     * @param endpoint the address that answered, where the transport has such
     */
    record Way(String transport, Optional<URI> endpoint) {}

    /** {@return what worked last in this network} */
    Optional<Way> recall(String managerUid);

    /** It works, now. */
    void worked(String managerUid, Way way);

    /** {@return one that remembers nothing} */
    static NetworkMemory none() {
        return new NetworkMemory() {
            @Override
            public Optional<Way> recall(String managerUid) {
                return Optional.empty();
            }

            @Override
            public void worked(String managerUid, Way way) {}
        };
    }
}
