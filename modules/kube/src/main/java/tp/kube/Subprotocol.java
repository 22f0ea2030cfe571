package tp.kube;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What the messages of a websocket mean. One object serves one websocket. */
interface Subprotocol {

    /** A message with all that frames it stays within what every proxy on the way takes. */
    int MESSAGE_BYTES = 64 << 10;

    ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /** Told what a message brought, in that order. */
    interface Receiver {

        /**
         * @param bytes the receiver's
         */
        void bytes(ByteBuffer bytes);

        /** A message is due; it may be left out where much is waiting to be sent. */
        void answer(ByteBuffer message);

        /** The other end has answered the greeting. */
        void ready();

        /** No bytes follow, in order. */
        void ended();
    }

    /** {@return the name by which client and server agree on it (RFC 6455 §1.9)} */
    String name();

    /** {@return what it makes of a websocket, in a sentence: "the forwarded connection"} */
    String noun();

    /** {@return the message to begin with; where it is empty no answer is waited for} */
    default ByteBuffer greeting() {
        return NOTHING.duplicate();
    }

    /**
     * {@return a message with the next bytes of the source, good until the next call} Called by the
     * writer, while {@link #receive} may be called by another thread.
     *
     * @throws IOException where this was closed
     */
    ByteBuffer wrap(ByteBuffer source) throws IOException;

    /**
     * Reads a message that came.
     *
     * @throws IOException where the message says, or is, an error; in one line
     */
    void receive(ByteBuffer message, Receiver receiver) throws IOException;

    /** {@return why a websocket that is closed in order now is no orderly end} */
    default Optional<String> unfinished() {
        return Optional.empty();
    }

    /** {@return the message to end with, perhaps empty} */
    default ByteBuffer farewell() {
        return NOTHING.duplicate();
    }

    /** Frees what it holds; only {@link #wrap} may still be called. */
    default void close() {}

    /** Messages that are bytes and nothing else. */
    record Bytes(String name) implements Subprotocol {

        @Override
        public String noun() {
            return "the websocket";
        }

        @Override
        public ByteBuffer wrap(ByteBuffer source) {
            int count = Math.min(source.remaining(), MESSAGE_BYTES);
            ByteBuffer message = source.slice(source.position(), count);
            source.position(source.position() + count);
            return message;
        }

        @Override
        public void receive(ByteBuffer message, Receiver receiver) {
            receiver.bytes(message);
        }
    }
}
