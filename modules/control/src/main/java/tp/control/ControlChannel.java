package tp.control;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Messages on one connection. One thread reads, one thread writes. */
final class ControlChannel implements AutoCloseable {

    private final SocketChannel socket;

    private ControlChannel(SocketChannel socket) {
        this.socket = socket;
    }

    /**
     * Takes over a connected socket.
     *
     * @throws IOException where the peer is another user; the socket is then closed
     */
    static ControlChannel checked(SocketChannel socket, UserPrincipal owner) throws IOException {
        UserPrincipal peer = socket.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!peer.equals(owner)) {
            socket.close();
            throw new IOException(
                    "the other side is " + peer.getName() + ", not " + owner.getName());
        }
        return new ControlChannel(socket);
    }

    /** One message at a time: what the helper says comes from a thread of its own. */
    synchronized void write(Message message) throws IOException {
        byte[] body = MessageCodec.encode(message);
        ByteBuffer frame =
                ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).flip();
        while (frame.hasRemaining()) {
            socket.write(frame);
        }
    }

    Message read() throws IOException {
        int length = fill(ByteBuffer.allocate(4)).getInt();
        if (length < 0 || length > MessageCodec.MAX_FRAME_BYTES) {
            throw new IOException("a message of " + length + " bytes");
        }
        return MessageCodec.decode(fill(ByteBuffer.allocate(length)).array());
    }

    /** Waits until the other side has closed, and drops what it still says. */
    void awaitEnd() throws IOException {
        ByteBuffer dropped = ByteBuffer.allocate(512);
        while (socket.read(dropped.clear()) >= 0) {
            // A read of zero bytes does not occur: the socket blocks.
        }
    }

    private ByteBuffer fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                throw new EOFException("the other side has closed");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
