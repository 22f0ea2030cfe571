package tp.control;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** One reply on a pipe between a process and the child it started for one question. */
public final class ReplyStream {

    private ReplyStream() {}

    public static void write(Reply reply, OutputStream pipe) throws IOException {
        byte[] body = MessageCodec.encode(reply);
        DataOutputStream out = new DataOutputStream(pipe);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /**
     * @throws IOException where the child said nothing, or anything else
     */
    public static Reply read(InputStream pipe) throws IOException {
        DataInputStream in = new DataInputStream(pipe);
        int length = in.readInt();
        if (length < 0 || length > MessageCodec.MAX_FRAME_BYTES) {
            throw new IOException("a reply of " + length + " bytes");
        }
        if (MessageCodec.decode(in.readNBytes(length)) instanceof Reply reply) {
            return reply;
        }
        throw new IOException("no reply");
    }
}
