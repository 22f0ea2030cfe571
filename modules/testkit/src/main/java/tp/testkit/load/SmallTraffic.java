package tp.testkit.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Small requests at a steady rate: each on a connection of its own, and as messages on connections
 * that stay open. A latency is counted from when the request was due, not from when a slow one
 * before it let it go: else a network that stands still would be measured when it does not.
 */
final class SmallTraffic {

    private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** One that takes longer failed, and counts as this long. */
    private static final int LIMIT_MS = 15_000;

    private static final int MESSAGE_BYTES = 64;
    private static final int OPEN_CONNECTIONS = 2;

    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: verylargejavaservice\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    /** Latencies in microseconds, in no order; read once and never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Latencies(long[] requests, long[] messages, int failed) {}

    private final ConcurrentLinkedQueue<Long> requests = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Long> messages = new ConcurrentLinkedQueue<>();
    private final AtomicInteger failed = new AtomicInteger();
    private final Places places;
    private final long startNs;
    private final long endNs;

    private SmallTraffic(Places places, long forNs) {
        this.places = places;
        startNs = System.nanoTime();
        endNs = startNs + forNs;
    }

    /** One try at what is measured. */
    private interface Attempt {
        void run() throws IOException;
    }

    static Latencies run(Places places, long forNs) throws InterruptedException, IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < OPEN_CONNECTIONS; i++) {
                open.add(connect(places.echoes()));
            }
            return new SmallTraffic(places, forNs).run(open);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private Latencies run(List<Socket> open) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Socket socket : open) {
            threads.add(Thread.ofVirtual().start(() -> sendMessages(socket)));
            threads.add(Thread.ofVirtual().start(() -> receiveMessages(socket)));
        }
        for (long dueNs = startNs; dueNs < endNs; dueNs += EVERY_NS) {
            long due = dueNs;
            parkUntil(due);
            threads.add(Thread.ofVirtual().start(() -> attempt(requests, due, this::request)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return new Latencies(array(requests), array(messages), failed.get());
    }

    /** The next one does not wait for the answer to the one before. */
    private void sendMessages(Socket socket) {
        byte[] message = new byte[MESSAGE_BYTES];
        try {
            for (long dueNs = startNs; dueNs < endNs; dueNs += EVERY_NS) {
                parkUntil(dueNs);
                socket.getOutputStream().write(message);
            }
        } catch (IOException e) {
            // Whoever waits for the answers counts them.
        }
    }

    private void receiveMessages(Socket socket) {
        for (long dueNs = startNs; dueNs < endNs; dueNs += EVERY_NS) {
            attempt(messages, dueNs, () -> readFully(socket.getInputStream(), MESSAGE_BYTES));
        }
    }

    private void request() throws IOException {
        try (Socket socket = connect(places.pages())) {
            socket.getOutputStream().write(REQUEST);
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!answer.startsWith("HTTP/1.1 200") || !answer.contains("</html>")) {
                throw new IOException("not the whole page: " + answer.length() + " bytes");
            }
        }
    }

    private void attempt(ConcurrentLinkedQueue<Long> into, long dueNs, Attempt attempt) {
        try {
            attempt.run();
            into.add((System.nanoTime() - dueNs) / 1000);
        } catch (IOException | UncheckedIOException e) {
            failed.incrementAndGet();
            into.add(TimeUnit.MILLISECONDS.toMicros(LIMIT_MS));
        }
    }

    private static Socket connect(InetSocketAddress to) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(LIMIT_MS);
            socket.connect(to, LIMIT_MS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void readFully(InputStream in, int bytes) throws IOException {
        if (in.readNBytes(bytes).length < bytes) {
            throw new EOFException();
        }
    }

    private static void parkUntil(long ns) {
        for (long left = ns - System.nanoTime(); left > 0; left = ns - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static long[] array(ConcurrentLinkedQueue<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
