package tp.sandbox.sample;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * Answers every datagram with itself. Arguments: port, and a TCP port that is open as soon as the
 * other one is, for the readiness probe.
 */
public final class UdpEcho {

    private static final int MAX_DATAGRAM = 65_535;

    private UdpEcho() {}

    public static void main(String[] args) throws IOException {
        ByteBuffer datagram = ByteBuffer.allocateDirect(MAX_DATAGRAM);
        try (DatagramChannel channel = DatagramChannel.open();
                ServerSocket health = new ServerSocket()) {
            channel.bind(new InetSocketAddress(Integer.parseInt(args[0])));
            health.bind(new InetSocketAddress(Integer.parseInt(args[1])));
            // Those who only look whether it is open have to be taken, or the queue of them is full
            // one day.
            Thread.ofPlatform().daemon().start(() -> takeAll(health));
            System.out.println("echoing datagrams on port " + args[0]);
            while (true) {
                SocketAddress from = channel.receive(datagram.clear());
                channel.send(datagram.flip(), from);
            }
        }
    }

    private static void takeAll(ServerSocket health) {
        while (!health.isClosed()) {
            try {
                health.accept().close();
            } catch (IOException e) {
                System.out.println("the readiness port: " + e.getMessage());
            }
        }
    }
}
