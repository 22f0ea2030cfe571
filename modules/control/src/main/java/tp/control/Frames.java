package tp.control;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Messages on the pipes between a process and the child it started for one question. */
public final class Frames {

    private Frames() {}

    public static void write(Message message, OutputStream pipe) throws IOException {
        byte[] body = MessageCodec.encode(message);
        DataOutputStream out = new DataOutputStream(pipe);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /**
     * @throws IOException where the other side said nothing, or nothing of the kind
     */
    public static <T extends Message> T read(InputStream pipe, Class<T> kind) throws IOException {
        DataInputStream in = new DataInputStream(pipe);
        int length = in.readInt();
        if (length < 0 || length > MessageCodec.MAX_FRAME_BYTES) {
            throw new IOException("a message of " + length + " bytes");
        }
        Message message = MessageCodec.decode(in.readNBytes(length));
        if (!kind.isInstance(message)) {
            throw new IOException("no " + kind.getSimpleName());
        }
        return kind.cast(message);
    }
}
