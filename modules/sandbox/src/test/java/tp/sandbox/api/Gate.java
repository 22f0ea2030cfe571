package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy before the API server, without TLS to its client, that answers some websocket
 * subprotocols itself and lets the rest pass.
 */
final class Gate implements AutoCloseable {

    /** Switches protocols, and says nothing of the subprotocol (RFC 6455 §4.2.2). */
    static final String SWITCH =
            """
            101 Switching Protocols
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Accept: %s

            """
                    .replace("\n", "\r\n");

    private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int MAX_HEAD = 16 << 10;

    private final ServerFixture fixture;
    private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> offered = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    Gate(ServerFixture fixture) throws IOException {
        this.fixture = fixture;
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** From now on that subprotocol is answered so: the status line from its number on, and all. */
    void answer(String subprotocol, String answer) {
        answers.put(subprotocol, answer);
    }

    /** From now on that subprotocol passes. */
    void pass(String subprotocol) {
        answers.remove(subprotocol);
    }

    /** {@return the subprotocols that were asked for, in order} */
    List<String> offered() {
        return List.copyOf(offered);
    }

    /** {@return an answer with a body} */
    static String body(String status, String type, String text) {
        return "%s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(status, type, text.getBytes(UTF_8).length, text);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
            return;
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            Optional<String> subprotocol = header(head, "sec-websocket-protocol");
            subprotocol.ifPresent(offered::add);
            String answer = subprotocol.map(answers::get).orElse(null);
            if (answer != null) {
                String key = header(head, "sec-websocket-key").orElse("");
                client.getOutputStream()
                        .write(("HTTP/1.1 " + answer.replace("%s", accepted(key))).getBytes(UTF_8));
                return;
            }
            try (Socket server = fixture.connect()) {
                sockets.add(server);
                server.getOutputStream().write(head.getBytes(ISO_8859_1));
                Thread back = Thread.ofVirtual().start(() -> copy(server, client));
                copy(client, server);
                back.join();
            }
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            // The client's to notice.
            return;
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n") && head.length() < MAX_HEAD) {
            int one = in.read();
            if (one < 0) {
                throw new IOException("ended within the head");
            }
            head.append((char) one);
        }
        return head.toString();
    }

    private static Optional<String> header(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    private static String accepted(String key) throws GeneralSecurityException {
        byte[] hash =
                MessageDigest.getInstance("SHA-1").digest((key + ACCEPT_GUID).getBytes(UTF_8));
        return Base64.getEncoder().encodeToString(hash);
    }

    /** Until one of the two ends. */
    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // The other direction ends, too.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
