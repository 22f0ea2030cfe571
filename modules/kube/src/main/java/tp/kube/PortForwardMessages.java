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

    private final boolean[] portSeen = new boolean[2];
    private final byte[] message = new byte[MESSAGE_BYTES]; // the writer's

    PortForwardMessages() {
        message[0] = DATA;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String noun() {
        return "the forwarded connection";
    }

    @Override
    public ByteBuffer wrap(ByteBuffer source) {
        int count = Math.min(source.remaining(), MESSAGE_BYTES - 1);
        source.get(message, 1, count);
        return ByteBuffer.wrap(message, 0, 1 + count);
    }

    @Override
    public void receive(ByteBuffer message, Receiver receiver) throws IOException {
        if (!message.hasRemaining()) {
            return;
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
            return;
        }
        if (channel == ERROR) {
            throw new IOException(StandardCharsets.UTF_8.decode(message).toString());
        }
        receiver.bytes(message);
    }
}
