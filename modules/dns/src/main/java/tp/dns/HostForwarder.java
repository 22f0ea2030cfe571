package tp.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands questions to the servers that the host had before, byte for byte: over UDP what came over
 * UDP, over TCP what came over TCP. A server that does not answer in time, or says that it cannot,
 * is followed by the next, and the one that answered last is asked first.
 */
public final class HostForwarder implements Upstream {

    private static final int MAX_UNDER_WAY = 512;
    private static final int MAX_MESSAGE_BYTES = 65_535;

    private final Supplier<HostServers> servers;
    private final int perServerMillis;
    private final Semaphore underWay = new Semaphore(MAX_UNDER_WAY);
    private volatile int first;

    /**
     * @param servers asked at each question: the host's may change while connected
     */
    public HostForwarder(Supplier<HostServers> servers) {
        this(servers, Duration.ofSeconds(2));
    }

    HostForwarder(Supplier<HostServers> servers, Duration perServer) {
        this.servers = servers;
        this.perServerMillis = (int) perServer.toMillis();
    }

    @Override
    public void ask(byte[] query, boolean tcp, Listener listener) {
        HostServers now = servers.get();
        if (now.servers().isEmpty()) {
            listener.failed(Failure.NO_SERVER);
        } else if (underWay.tryAcquire()) {
            Thread.ofVirtual()
                    .name("tp-dns-forward")
                    .start(
                            () -> {
                                try {
                                    askInTurn(now, query, tcp, listener);
                                } finally {
                                    underWay.release();
                                }
                            });
        } else {
            listener.failed(Failure.BROKEN);
        }
    }

    private void askInTurn(HostServers servers, byte[] query, boolean tcp, Listener listener) {
        List<InetSocketAddress> all = servers.servers();
        byte @Nullable [] unable = null;
        Failure failure = Failure.NO_SERVER;
        int from = first;
        for (int i = 0; i < all.size(); i++) {
            int server = (from + i) % all.size();
            Asked asked = new Asked(all.get(server), servers.marked());
            try {
                byte[] answer = tcp ? overTcp(query, asked) : overUdp(query, asked);
                if (isAnAnswer(answer)) {
                    first = server;
                    listener.answered(answer);
                    return;
                }
                unable = answer;
            } catch (IOException e) {
                failure = failure(e);
            }
        }
        if (unable != null) {
            listener.answered(unable);
        } else {
            listener.failed(failure);
        }
    }

    private static Failure failure(IOException e) {
        return e instanceof SocketTimeoutException ? Failure.TIMED_OUT : Failure.BROKEN;
    }

    /** SERVFAIL, NOTIMP and REFUSED are no answers: glibc asks the next server as well. */
    private static boolean isAnAnswer(byte[] message) {
        int rcode = message[3] & 0xf;
        return rcode != 2 && rcode != 4 && rcode != 5;
    }

    private record Asked(InetSocketAddress server, boolean marked) {}

    private byte[] overUdp(byte[] query, Asked asked) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            if (asked.marked) {
                socket.setTrafficClass(HostServers.EXEMPT);
            }
            socket.connect(asked.server); // others' datagrams are not for us
            socket.send(new DatagramPacket(query, query.length));
            DatagramPacket packet =
                    new DatagramPacket(new byte[MAX_MESSAGE_BYTES], MAX_MESSAGE_BYTES);
            long deadline = System.nanoTime() + perServerMillis * 1_000_000L;
            while (true) {
                socket.setSoTimeout(remainingMillis(deadline));
                socket.receive(packet);
                byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
                if (answers(answer, query)) {
                    return answer;
                }
            }
        }
    }

    private byte[] overTcp(byte[] query, Asked asked) throws IOException {
        long deadline = System.nanoTime() + perServerMillis * 1_000_000L;
        try (Socket socket = new Socket()) {
            if (asked.marked) {
                socket.setTrafficClass(HostServers.EXEMPT); // before the SYN, which a redirect sees
            }
            socket.connect(asked.server, perServerMillis);
            socket.setSoTimeout(remainingMillis(deadline));
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] framed = new byte[query.length + 2]; // in one segment: RFC 7766 §8
            framed[0] = (byte) (query.length >> 8);
            framed[1] = (byte) query.length;
            System.arraycopy(query, 0, framed, 2, query.length);
            out.write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            if (!answers(answer, query)) {
                throw new IOException("not the answer to this question");
            }
            return answer;
        }
    }

    private static int remainingMillis(long deadlineNs) throws SocketTimeoutException {
        long left = (deadlineNs - System.nanoTime()) / 1_000_000L;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) left;
    }

    private static boolean answers(byte[] answer, byte[] query) {
        return answer.length >= Question.HEADER_BYTES
                && answer[0] == query[0]
                && answer[1] == query[1]
                && (answer[2] & 0x80) != 0;
    }
}
