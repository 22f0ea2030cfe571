package tp.manager;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hands questions to the name servers of the manager's own pod. Over UDP first, which is asked
 * again when a datagram may be lost; over TCP what came over TCP and what was cut.
 */
final class DnsForwarder {

    private static final byte[] NO_ANSWER = new byte[0];
    private static final int MAX_UNDER_WAY = 512;
    private static final int HEADER_BYTES = 12;
    private static final int UDP_BYTES = 4096;
    private static final int TRIES = 3;

    private final List<InetSocketAddress> servers;
    private final Duration bound;
    private final SecureRandom random = new SecureRandom();
    private final Semaphore underWay = new Semaphore(MAX_UNDER_WAY);
    private final LongAdder failedAttempts = new LongAdder();

    DnsForwarder(List<InetSocketAddress> servers, Duration bound) {
        this.servers = List.copyOf(servers);
        this.bound = bound;
    }

    /** {@return the answer, or nothing: never a word of our own about a name} Waits. */
    byte[] ask(byte[] query, boolean tcp) {
        if (servers.isEmpty() || !underWay.tryAcquire()) {
            return NO_ANSWER;
        }
        try {
            long deadline = System.nanoTime() + bound.toNanos();
            byte[] own = query.clone(); // with an identifier that nobody can guess
            int id = random.nextInt(1 << 16);
            own[0] = (byte) (id >> 8);
            own[1] = (byte) id;
            byte[] answer = tcp ? null : overUdp(own, deadline);
            if (tcp || (answer != null && (answer[2] & 0x02) != 0)) {
                byte[] whole = overTcp(own, deadline);
                answer = whole == null ? answer : whole;
            }
            if (answer == null) {
                return NO_ANSWER;
            }
            answer[0] = query[0];
            answer[1] = query[1];
            return answer;
        } finally {
            underWay.release();
        }
    }

    /** {@return how many attempts at a server ended without an answer} */
    long failedAttempts() {
        return failedAttempts.sum();
    }

    private byte @Nullable [] overUdp(byte[] query, long deadlineNs) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            long now = System.nanoTime();
            long until = now + (deadlineNs - now) / (TRIES - attempt);
            try {
                return overUdp(query, servers.get(attempt % servers.size()), until);
            } catch (IOException e) {
                failedAttempts.increment();
            }
        }
        return null;
    }

    private static byte[] overUdp(byte[] query, InetSocketAddress server, long deadlineNs)
            throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server); // others' datagrams are not for us
            socket.send(new DatagramPacket(query, query.length));
            DatagramPacket packet = new DatagramPacket(new byte[UDP_BYTES], UDP_BYTES);
            while (true) {
                socket.setSoTimeout(millisUntil(deadlineNs));
                socket.receive(packet);
                byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
                if (answers(answer, query)) {
                    return answer;
                }
            }
        }
    }

    private byte @Nullable [] overTcp(byte[] query, long deadlineNs) {
        for (InetSocketAddress server : servers) {
            try {
                return overTcp(query, server, deadlineNs);
            } catch (IOException e) {
                failedAttempts.increment();
            }
        }
        return null;
    }

    private static byte[] overTcp(byte[] query, InetSocketAddress server, long deadlineNs)
            throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server, millisUntil(deadlineNs));
            socket.setSoTimeout(millisUntil(deadlineNs));
            byte[] framed = new byte[query.length + 2];
            framed[0] = (byte) (query.length >> 8);
            framed[1] = (byte) query.length;
            System.arraycopy(query, 0, framed, 2, query.length);
            socket.getOutputStream().write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            if (!answers(answer, query)) {
                throw new IOException("not the answer to this question");
            }
            return answer;
        }
    }

    private static int millisUntil(long deadlineNs) throws SocketTimeoutException {
        long left = (deadlineNs - System.nanoTime()) / 1_000_000L;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) left;
    }

    private static boolean answers(byte[] answer, byte[] query) {
        return answer.length >= HEADER_BYTES
                && answer[0] == query[0]
                && answer[1] == query[1]
                && (answer[2] & 0x80) != 0;
    }
}
