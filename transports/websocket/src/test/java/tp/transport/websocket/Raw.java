package tp.transport.websocket;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A server that gives every client the same bytes, whatever it asks for. */
final class Raw implements AutoCloseable {

    private final ServerSocket server;
    private final String answer;
    private final boolean atOnce;

    /**
     * @param answer the placeholder {@code ACCEPT} becomes the right answer to the client's key;
     *     empty for silence
     */
    Raw(String answer) throws IOException {
        this(answer, false);
    }

    private Raw(String answer, boolean atOnce) throws IOException {
        this.answer = answer;
        this.atOnce = atOnce;
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    /** Answers without being asked. */
    static Raw atOnce(String answer) throws IOException {
        return new Raw(answer, true);
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket socket) {
        try (Socket client = socket) {
            String request = atOnce ? "" : head(client.getInputStream());
            if (answer.isEmpty()) {
                client.getInputStream().readAllBytes(); // until the client has had enough
                return;
            }
            String key = request.replaceAll("(?is).*sec-websocket-key: *([^\r]*)\r.*", "$1");
            client.getOutputStream()
                    .write(
                            answer.replace("ACCEPT", accept(key))
                                    .getBytes(StandardCharsets.ISO_8859_1));
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
        } catch (IOException e) {
            // The client has gone, which is what it is to do.
        }
    }

    /** {@return a head of HTTP, or what there was of it} */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        int next = in.read();
        while (next >= 0) {
            head.append((char) next);
            if (head.toString().endsWith("\r\n\r\n")) {
                break;
            }
            next = in.read();
        }
        return head.toString();
    }

    /** RFC 6455 §4.2.2. */
    private static String accept(String key) {
        try {
            byte[] text =
                    (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                            .getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
