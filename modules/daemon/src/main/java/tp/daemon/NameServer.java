package tp.daemon;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Answers DNS questions; what the data plane needs of a resolver. */
interface NameServer {

    /**
     * Answers one message, exactly once, at once or later, on any thread. May wait; comes on a
     * virtual thread.
     *
     * @param query to be kept
     * @param tcp whether the answer may have any size
     */
    void resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer);
}
