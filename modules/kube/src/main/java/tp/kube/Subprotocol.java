package tp.kube;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What the messages of a websocket mean. One object serves one websocket. */
interface Subprotocol {

    /** {@return the name by which client and server agree on it (RFC 6455 §1.9)} */
    String name();

    /** {@return what it makes of a websocket, in a sentence: "the forwarded connection"} */
    String noun();

    /** {@return what comes before the bytes of each message that is sent} */
    byte[] prefix();

    /**
     * {@return the bytes of a message that came, perhaps none}
     *
     * @throws IOException where the message says, or is, an error; in one line
     */
    ByteBuffer bytes(ByteBuffer message) throws IOException;

    /** Messages that are bytes and nothing else. */
    record Bytes(String name) implements Subprotocol {

        @Override
        public String noun() {
            return "the websocket";
        }

        @Override
        public byte[] prefix() {
            return new byte[0];
        }

        @Override
        public ByteBuffer bytes(ByteBuffer message) {
            return message;
        }
    }
}
