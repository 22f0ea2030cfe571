package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Connects from a given address to one on the loopback link, and says how the connection ends. */
final class TcpProbe {

    private TcpProbe() {}

    public static void main(String[] arguments) throws IOException {
        InetAddress local = InetAddress.ofLiteral(arguments[0]);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral(arguments[1]));
                Socket client =
                        new Socket(server.getInetAddress(), server.getLocalPort(), local, 0);
                Socket peer = server.accept()) {
            System.out.println("connected " + peer.getRemoteSocketAddress());
            try {
                System.out.println("read " + client.getInputStream().read());
            } catch (IOException e) {
                System.out.println("error " + e.getMessage());
            }
        }
    }
}
