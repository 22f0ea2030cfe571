package tp.kube;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Copies TCP connections to a server, and can drop them all at once. */
final class Relay implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final URI target;

    Relay(String target) throws IOException {
        this.target = URI.create(target);
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return target.getScheme() + "://127.0.0.1:" + listener.getLocalPort();
    }

    /** Ends every connection: by a reset, or by an end that no message announced. */
    void drop(boolean reset) throws IOException {
        for (Socket socket : sockets) {
            if (reset && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(target.getHost(), target.getPort());
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> copy(client, server));
                Thread.ofVirtual().start(() -> copy(server, client));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // The other direction ends, too.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        drop(true);
    }
}
