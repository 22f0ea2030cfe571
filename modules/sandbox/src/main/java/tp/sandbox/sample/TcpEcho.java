package tp.sandbox.sample;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * TCP behaviours that a tunnel has to carry faithfully, one per port:
 *
 * <ul>
 *   <li>7: echoes; a client that shuts its writing side down still gets the rest, then the end
 *   <li>7001: sends {@code goodbye} and resets the connection
 *   <li>7002: accepts and then neither reads nor writes
 *   <li>7003: reads all, and after the client's end of file answers how many bytes there were
 *   <li>7004: reads all, and logs how the connection ended
 *   <li>7005: writes without end, and logs how the connection ended
 * </ul>
 */
public final class TcpEcho {

    private static final int BACKLOG = 4096;
    private static final int BUFFER = 64 * 1024;

    /** Of a connection that says little, of which there may be thousands. */
    private static final int SMALL_BUFFER = 1024;

    private static final long RESET_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private TcpEcho() {}

    private interface Behaviour {
        void serve(SocketChannel connection) throws IOException;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        serve(7, TcpEcho::echo);
        serve(7001, TcpEcho::reset);
        serve(7002, TcpEcho::stall);
        serve(7003, TcpEcho::count);
        serve(7004, connection -> logEnd(7004, connection, TcpEcho::swallow));
        serve(7005, connection -> logEnd(7005, connection, TcpEcho::flood));
        System.out.println("echo 7, reset 7001, stall 7002, count 7003, sink 7004, source 7005");
        Thread.currentThread().join();
    }

    private static void serve(int port, Behaviour behaviour) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        server.bind(new InetSocketAddress(port), BACKLOG);
        Thread.ofPlatform().name("port-" + port).start(() -> accept(server, behaviour));
    }

    private static void accept(ServerSocketChannel server, Behaviour behaviour) {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                Thread.ofVirtual().start(() -> handle(connection, behaviour));
            } catch (IOException e) {
                System.err.println("cannot accept: " + e.getMessage());
            }
        }
    }

    private static void handle(SocketChannel connection, Behaviour behaviour) {
        try (connection) {
            behaviour.serve(connection);
        } catch (IOException e) {
            // The client reset the connection: nobody is left to tell.
            System.err.println("connection ended: " + e.getMessage());
        }
    }

    private static void echo(SocketChannel connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(SMALL_BUFFER);
        while (connection.read(buffer) >= 0) {
            boolean full = !buffer.hasRemaining();
            send(connection, buffer.flip());
            if (full && buffer.capacity() < BUFFER) {
                buffer = ByteBuffer.allocate(BUFFER);
            }
            buffer.clear();
        }
        connection.shutdownOutput();
    }

    private static void count(SocketChannel connection) throws IOException {
        send(connection, ascii(drain(connection) + "\n"));
        connection.shutdownOutput();
    }

    private static long drain(SocketChannel connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long total = 0;
        for (int read = connection.read(buffer); read >= 0; read = connection.read(buffer)) {
            total += read;
            buffer.clear();
        }
        return total;
    }

    private static void swallow(SocketChannel connection) throws IOException {
        drain(connection);
    }

    private static void flood(SocketChannel connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (connection.isOpen()) {
            send(connection, buffer.clear());
        }
    }

    private static void logEnd(int port, SocketChannel connection, Behaviour behaviour) {
        String end = "end of file";
        try {
            behaviour.serve(connection);
        } catch (IOException e) {
            end = e.getMessage();
        }
        System.out.println("port " + port + ": " + end);
    }

    /**
     * Linger 0 is how the socket API spells a reset (RFC 9293 §3.10.5, ABORT). A reset that comes
     * at once may overtake the client's own connect(), hence the pause.
     */
    private static void reset(SocketChannel connection) throws IOException {
        send(connection, ascii("goodbye\n"));
        LockSupport.parkNanos(RESET_AFTER_NS);
        connection.setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    private static void stall(SocketChannel connection) {
        while (connection.isOpen()) {
            LockSupport.park();
        }
    }

    private static void send(SocketChannel connection, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            connection.write(bytes);
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
