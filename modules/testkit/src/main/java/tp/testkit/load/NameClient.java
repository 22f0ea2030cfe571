package tp.testkit.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Asks the host's name server by UDP, as a C library does: plainly, from one socket. */
final class NameClient implements AutoCloseable {

    static final int A = 1;
    static final int AAAA = 28;

    private static final int PORT = 53;
    private static final int HEADER_BYTES = 12;
    private static final int UDP_BYTES = 512;

    private final DatagramSocket socket = new DatagramSocket();
    private final DatagramPacket received = new DatagramPacket(new byte[UDP_BYTES], UDP_BYTES);
    private int nextId;

    NameClient(InetSocketAddress server) throws IOException {
        socket.connect(server);
    }

    /** Whom a program that has no resolver of its own would ask. */
    static InetSocketAddress server() throws IOException {
        return Files.readAllLines(Path.of("/etc/resolv.conf")).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .findFirst()
                .map(words -> new InetSocketAddress(InetAddress.ofLiteral(words[1]), PORT))
                .orElseThrow(() -> new IOException("/etc/resolv.conf names no server"));
    }

    /** After so long without an answer asking fails; without this it waits for ever. */
    void failAfter(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /**
     * Sends all questions, and then waits for all answers. None may be an error; that there is no
     * such record is fine.
     *
     * @return how many records there are in the answers
     */
    int ask(String name, int... types) throws IOException {
        int firstId = nextId;
        for (int type : types) {
            byte[] query = query(nextId++, name, type);
            socket.send(new DatagramPacket(query, query.length));
        }
        boolean[] answered = new boolean[types.length];
        int records = 0;
        for (int i = 0; i < types.length; i++) {
            received.setLength(UDP_BYTES);
            socket.receive(received);
            byte[] answer = Arrays.copyOf(received.getData(), received.getLength());
            if (answer.length < HEADER_BYTES) {
                throw new IOException("an answer of " + answer.length + " bytes for " + name);
            }
            int which = (number(answer, 0) - firstId) & 0xffff;
            if (which >= types.length || answered[which] || !isGood(answer)) {
                throw new IOException("not the answer for " + name + ", flags " + answer[3]);
            }
            answered[which] = true;
            records += number(answer, 6);
        }
        return records;
    }

    /** A reply (RFC 1035 §4.1.1), and of the codes only that there was no error. */
    private static boolean isGood(byte[] answer) {
        return (answer[2] & 0x80) != 0 && (answer[3] & 0x0f) == 0;
    }

    private static int number(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | (message[at + 1] & 0xff);
    }

    /** A standard query with recursion desired (RFC 1035 §4.1). */
    private static byte[] query(int id, String name, int type) {
        ByteArrayOutputStream query = new ByteArrayOutputStream();
        query.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.", -1)) {
            query.write(label.length());
            query.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        query.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
        return query.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
