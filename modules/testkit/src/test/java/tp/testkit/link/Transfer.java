package tp.testkit.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Programs for the two ends of a link. */
final class Transfer {

    static final int PORT = 7000;

    private Transfer() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "serve" -> serve(Long.parseLong(args[1]));
            case "fetch" -> fetch(args[1]);
            case "mirror" -> mirror();
            case "ask" -> ask(args[1]);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /** Sends that many bytes to each who connects. */
    private static void serve(long bytes) throws Exception {
        try (ServerSocket server = new ServerSocket(PORT)) {
            System.out.println("ready");
            while (true) {
                try (Socket socket = server.accept();
                        OutputStream out = socket.getOutputStream()) {
                    byte[] chunk = new byte[262_144];
                    for (long left = bytes; left > 0; left -= chunk.length) {
                        out.write(chunk, 0, (int) Math.min(left, chunk.length));
                    }
                }
            }
        }
    }

    /** Prints how many Mbit/s came. */
    private static void fetch(String host) throws Exception {
        try (Socket socket = new Socket(host, PORT)) {
            InputStream in = socket.getInputStream();
            byte[] chunk = new byte[262_144];
            long total = 0;
            long startNs = System.nanoTime();
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                total += n;
            }
            System.out.println(total * 8_000 / (System.nanoTime() - startNs));
        }
    }

    /** Answers each datagram with the address that it came from. */
    private static void mirror() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(PORT)) {
            System.out.println("ready");
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
                socket.receive(packet);
                packet.setData(packet.getSocketAddress().toString().getBytes(US_ASCII));
                socket.send(packet);
            }
        }
    }

    /** Sends a datagram for each line of the input, and prints the answer. */
    private static void ask(String host) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(5_000);
            socket.connect(new InetSocketAddress(host, PORT));
            while (System.in.read() >= 0) {
                socket.send(new DatagramPacket(new byte[1], 1));
                DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
                socket.receive(answer);
                System.out.println(new String(answer.getData(), 0, answer.getLength(), US_ASCII));
            }
        }
    }
}
