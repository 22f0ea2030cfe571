package tp.testkit.load;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The least that asking another program by UDP can cost on this machine: a thread on the loopback
 * address sends back what it gets, and a client waits for it.
 */
final class DatagramEcho implements AutoCloseable {

    private static final int BYTES = 512;

    private final DatagramSocket server;
    private final DatagramSocket client = new DatagramSocket();
    private final DatagramPacket received = new DatagramPacket(new byte[BYTES], BYTES);

    DatagramEcho() throws IOException {
        server = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        client.connect(server.getLocalSocketAddress());
        Thread.ofPlatform().daemon().name("echo").start(this::serve);
    }

    private void serve() {
        DatagramPacket packet = new DatagramPacket(new byte[BYTES], BYTES);
        try {
            while (true) {
                packet.setLength(BYTES);
                server.receive(packet);
                server.send(packet);
            }
        } catch (IOException e) {
            // Closed: the end of the run.
        }
    }

    /** Sends so many bytes and waits for them. */
    void ask(int bytes) throws IOException {
        client.send(new DatagramPacket(new byte[bytes], bytes));
        received.setLength(BYTES);
        client.receive(received);
        if (received.getLength() != bytes) {
            throw new IOException("of " + bytes + " bytes came back " + received.getLength());
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
