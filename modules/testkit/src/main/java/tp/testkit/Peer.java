package tp.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** What answers at the far end of a stream. */
@FunctionalInterface
public interface Peer {

    /**
     * Serves one stream on a thread of its own. The stream is closed in order when this returns,
     * and breaks when this throws.
     */
    void serve(ByteChannel stream) throws IOException;

    /** {@return a peer that sends back what it gets, until the other side ends} */
    static Peer echo() {
        return stream -> {
            ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
            while (stream.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    stream.write(buffer);
                }
            }
        };
    }
}
