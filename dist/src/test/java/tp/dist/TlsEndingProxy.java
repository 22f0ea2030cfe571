package tp.dist;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An ingress as its owner sees it: ends TLS, passes what is inside on as it is, and writes it down.
 * Run on the laptop side by {@link WebSocketIT}.
 *
 * <p>Arguments: {@code serve} with port, target's port, key store (password "testing") and folder;
 * or {@code read} with a file of that folder, to say what there is in it.
 */
final class TlsEndingProxy {

    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private TlsEndingProxy() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "serve" ->
                    serve(
                            Integer.parseInt(args[1]),
                            Integer.parseInt(args[2]),
                            Path.of(args[3]),
                            Path.of(args[4]));
            case "read" -> System.out.println(read(Files.readAllBytes(Path.of(args[1]))));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void serve(int port, int target, Path keyStore, Path folder) throws Exception {
        char[] password = "testing".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            keys.load(in, password);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (var server = context.getServerSocketFactory().createServerSocket(port, 50, here)) {
            for (int number = 0; ; number++) {
                Socket client = server.accept();
                Socket manager = new Socket(here, target);
                Path up = folder.resolve("up" + number);
                Path down = folder.resolve("down" + number);
                Thread.ofVirtual().start(() -> copy(client, manager, up));
                Thread.ofVirtual().start(() -> copy(manager, client, down));
            }
        }
    }

    private static void copy(Socket from, Socket to, Path written) {
        byte[] buffer = new byte[32 << 10];
        try (from;
                to;
                OutputStream file = Files.newOutputStream(written)) {
            for (int count = from.getInputStream().read(buffer);
                    count >= 0;
                    count = from.getInputStream().read(buffer)) {
                file.write(buffer, 0, count);
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One side went; the other is closed with it.
        }
    }

    /** {@return the kinds of frames and, of all that is in them, of TLS records} */
    static String read(byte[] captured) throws IOException {
        int head = indexOf(captured, END_OF_HEAD) + END_OF_HEAD.length;
        ByteBuffer frames = ByteBuffer.wrap(captured, head, captured.length - head);
        Map<String, Integer> kinds = new TreeMap<>();
        byte[] payload = payload(frames, kinds);
        records(ByteBuffer.wrap(payload), kinds);
        String first = new String(captured, 0, head, StandardCharsets.US_ASCII);
        return first.lines().findFirst().orElse("") + " " + kinds + " " + payload.length;
    }

    /** RFC 6455 §5.2. A frame that is cut off by the end of the capture is left out. */
    private static byte[] payload(ByteBuffer in, Map<String, Integer> kinds) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (in.remaining() >= 14) {
            int kind = in.get() & 0xff;
            int second = in.get() & 0xff;
            int length = second & 0x7f;
            length =
                    length == 126
                            ? in.getShort() & 0xffff
                            : length == 127 ? Math.toIntExact(in.getLong()) : length;
            byte[] mask = new byte[4];
            if ((second & 0x80) != 0) {
                in.get(mask);
            }
            if (in.remaining() < length) {
                break;
            }
            for (int i = 0; i < length; i++) {
                int one = in.get() ^ mask[i % 4];
                if (kind == 0x82) {
                    out.write(one);
                }
            }
            kinds.merge("frame-" + Integer.toHexString(kind), 1, Integer::sum);
        }
        return out.toByteArray();
    }

    /** RFC 8446 §5.1: type, version 3.1 or 3.3, length. */
    private static void records(ByteBuffer in, Map<String, Integer> kinds) throws IOException {
        while (in.remaining() >= 5) {
            int type = in.get();
            int version = in.getShort();
            int length = in.getShort() & 0xffff;
            boolean isRecord =
                    type >= 20
                            && type <= 23
                            && (version == 0x0301 || version == 0x0303)
                            && length <= (16 << 10) + 256;
            if (!isRecord) {
                throw new IOException("no TLS record at " + (in.position() - 5));
            }
            kinds.merge("record-" + type, 1, Integer::sum);
            in.position(in.position() + Math.min(length, in.remaining()));
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            if (ByteBuffer.wrap(bytes, i, wanted.length).equals(ByteBuffer.wrap(wanted))) {
                return i;
            }
        }
        throw new IllegalArgumentException("no head of HTTP in " + bytes.length + " bytes");
    }
}
