package tp.kube;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One forwarded connection over {@code v4.channel.k8s.io}: each message begins with a channel's
 * number, 0 for data and 1 for the error that ends the connection; the first message of each
 * channel is the port (two bytes, little endian).
 */
final class PortForwardMessages implements Subprotocol {

    static final String NAME = "v4.channel.k8s.io";

    private static final byte DATA = 0;
    private static final byte ERROR = 1;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final boolean[] portSeen = new boolean[2];

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String noun() {
        return "the forwarded connection";
    }

    @Override
    public byte[] prefix() {
        return new byte[] {DATA};
    }

    @Override
    public ByteBuffer bytes(ByteBuffer message) throws IOException {
        if (!message.hasRemaining()) {
            return NOTHING;
        }
        byte channel = message.get();
        if (channel != DATA && channel != ERROR) {
            throw new IOException("the API server sent a message for an unknown channel");
        }
        if (!portSeen[channel]) {
            portSeen[channel] = true;
            if (message.remaining() != 2) {
                throw new IOException("the API server did not name the port");
            }
            return NOTHING;
        }
        if (channel == ERROR) {
            throw new IOException(StandardCharsets.UTF_8.decode(message).toString());
        }
        return message;
    }
}
