package tp.daemon;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Answers DNS questions; what the data plane needs of a resolver. */
interface NameServer {

    /**
     * Answers one message, or drops it where no answer is due. Comes on a virtual thread.
     *
     * @param query to be kept
     * @param tcp whether the answer may have any size
     * @param answer called at most once, at once or later, on any thread
     */
    void resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer);
}
