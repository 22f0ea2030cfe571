package tp.dist;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What curl cannot say: connects, half-closes, resets, datagrams, many at once. Prints one line
 * that names how the network answered. Run on the laptop side by the end-to-end tests.
 */
final class Probe {

    private static final int CROWD_BYTES = 1_000;
    private static final int CROWD_PATIENCE_MS = 30_000;

    private Probe() {}

    public static void main(String[] args) throws Exception {
        String host = args[1];
        int port = Integer.parseInt(args[2]);
        System.out.println(
                switch (args[0]) {
                    case "connect" -> connect(host, port);
                    case "half-close" -> halfClose(host, port);
                    case "read-to-end" -> readToEnd(host, port);
                    case "udp" -> udp(host, port, Arrays.copyOfRange(args, 3, args.length));
                    case "hold" -> hold(args[3], host, port);
                    case "echoes" -> echoes(host, port, Integer.parseInt(args[3]));
                    case "both" -> both(args, host, port);
                    case "crowd" -> crowd(args, host, port);
                    case "churn" -> churn(args, host, port);
                    default -> throw new IllegalArgumentException(args[0]);
                });
    }

    private static String connect(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 5_000);
            return "connected";
        } catch (IOException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    /** Sends, shuts down the writing side, and reads all the same. */
    private static String halfClose(String host, int port) throws IOException {
        byte[] sent = pattern(300_000, 31);
        try (Socket socket = new Socket(host, port)) {
            Thread.ofVirtual().start(() -> sendAndShutDown(socket, sent));
            byte[] answer = socket.getInputStream().readAllBytes();
            return Arrays.equals(sent, answer)
                    ? "whole answer"
                    : "answer of " + answer.length + " bytes";
        }
    }

    private static byte[] pattern(int size, int step) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * step);
        }
        return bytes;
    }

    private static void sendAndShutDown(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (IOException e) {
            System.out.println("sending: " + e.getMessage());
        }
    }

    /** Says whether a stream ends in order or by a reset. */
    private static String readToEnd(String host, int port) throws IOException {
        long total = 0;
        try (Socket socket = new Socket(host, port)) {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                total += n;
            }
            return "end of file after " + total;
        } catch (SocketException e) {
            return e.getMessage() + " after " + total;
        }
    }

    /**
     * Idles, uploads or downloads until the connection ends. Says "going" once bytes have passed,
     * and in the end how and when (milliseconds since 1970) it ended.
     */
    private static String hold(String mode, String host, int port) throws IOException {
        byte[] buffer = new byte[65_536];
        String end = "end of file";
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write(buffer);
            long goingAfter = mode.equals("idle") ? 0 : 1_000_000;
            long total = 0;
            boolean going = false;
            int length = 0;
            while (length >= 0) {
                if (!going && total >= goingAfter) {
                    System.out.println("going");
                    going = true;
                }
                if (mode.equals("upload")) {
                    socket.getOutputStream().write(buffer);
                    length = buffer.length;
                } else {
                    length = socket.getInputStream().read(buffer);
                }
                total += length;
            }
        } catch (SocketException e) {
            end = String.valueOf(e.getMessage());
        }
        return end + " at " + System.currentTimeMillis();
    }

    /** Datagrams of these sizes, one after the other, each as it was when it comes back. */
    private static String udp(String host, int port, String... sizes) throws IOException {
        StringBuilder said = new StringBuilder("echoed");
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(3_000);
            socket.connect(InetAddress.getByName(host), port);
            for (String size : sizes) {
                byte[] sent = new byte[Integer.parseInt(size)];
                new SplittableRandom(sent.length).nextBytes(sent);
                socket.send(new DatagramPacket(sent, sent.length));
                DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
                socket.receive(answer);
                byte[] got = Arrays.copyOf(answer.getData(), answer.getLength());
                said.append(Arrays.equals(sent, got) ? " " + size : " other bytes: " + got.length);
            }
            return said.toString();
        } catch (IOException e) {
            return said + ", then " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    /** Opens many connections, holds all of them open, and wants its own bytes back on each. */
    private static String echoes(String host, int port, int count) throws Exception {
        Socket[] sockets = new Socket[count];
        for (int i = 0; i < count; i++) {
            sockets[i] = new Socket(host, port);
        }
        int right = 0;
        for (int i = 0; i < count; i++) {
            sockets[i].getOutputStream().write(("flow " + i).getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < count; i++) {
            byte[] wanted = ("flow " + i).getBytes(StandardCharsets.UTF_8);
            right +=
                    Arrays.equals(wanted, sockets[i].getInputStream().readNBytes(wanted.length))
                            ? 1
                            : 0;
            sockets[i].close();
        }
        return right + " of " + count + " right";
    }

    /**
     * both HOST PORT FLOWS BYTES SEED: so many connections to an echo at once, each with bytes of
     * its own in both directions, and an end in order after them. Says "going" when all of them
     * have begun.
     */
    private static String both(String[] args, String host, int port) throws Exception {
        int flows = Integer.parseInt(args[3]);
        int bytes = Integer.parseInt(args[4]);
        long seed = Long.parseLong(args[5]);
        CountDownLatch begun = new CountDownLatch(flows);
        List<Future<String>> ends = new ArrayList<>();
        Map<String, Integer> said = new TreeMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < flows; i++) {
                byte[] sent = new byte[bytes];
                new SplittableRandom(seed * flows + i).nextBytes(sent);
                ends.add(threads.submit(() -> bothWays(host, port, sent, begun)));
            }
            begun.await(20, TimeUnit.SECONDS);
            System.out.println("going");
            for (Future<String> end : ends) {
                said.merge(end.get(), 1, Integer::sum);
            }
        }
        return "%d of %d whole %s".formatted(said.getOrDefault("whole", 0), flows, said);
    }

    private static String bothWays(String host, int port, byte[] sent, CountDownLatch begun) {
        int got = 0;
        try (Socket socket = new Socket(host, port)) {
            Thread.ofVirtual().start(() -> sendAndShutDown(socket, sent));
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (got == 0) {
                    begun.countDown();
                }
                if (!Arrays.equals(buffer, 0, n, sent, got, Math.min(got + n, sent.length))) {
                    return "other bytes after " + got;
                }
                got += n;
            }
            return got == sent.length ? "whole" : "an early end after " + got;
        } catch (IOException e) {
            return e.getMessage() + " after " + got;
        }
    }

    /**
     * crowd HOST PORT IDLE ACTIVE SECONDS: so many connections that do nothing, while so many
     * others send and want it back; and in the end the first do the same once.
     */
    private static String crowd(String[] args, String host, int port) throws Exception {
        InetAddress address = InetAddress.getByName(host);
        long startNs = System.nanoTime();
        List<Socket> idle = opened(address, port, Integer.parseInt(args[3]));
        List<Socket> active = opened(address, port, Integer.parseInt(args[4]));
        long openedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(args[5]));
        LongAdder rounds = new LongAdder();
        int activeRight =
                countRight(
                        active,
                        (socket, i) -> {
                            boolean right = true;
                            while (right && System.nanoTime() < endNs) {
                                right = echoed(socket, i);
                                rounds.increment();
                            }
                            return right;
                        });
        int idleRight = countRight(idle, Probe::echoed);
        return "%d of %d idle right, %d of %d active right with %d round trips of %d bytes; opened in %d ms"
                .formatted(
                        idleRight,
                        idle.size(),
                        activeRight,
                        active.size(),
                        rounds.sum(),
                        CROWD_BYTES,
                        openedMs);
    }

    private static List<Socket> opened(InetAddress address, int port, int count) throws Exception {
        Socket[] sockets = new Socket[count];
        try (ExecutorService workers = Executors.newFixedThreadPool(64)) {
            for (int i = 0; i < count; i++) {
                int number = i;
                workers.submit(
                        () -> {
                            Socket socket = new Socket(address, port);
                            socket.setSoTimeout(CROWD_PATIENCE_MS);
                            sockets[number] = socket;
                            return echoed(socket, number);
                        });
            }
        }
        return List.of(sockets);
    }

    private interface Conversation {
        boolean isRight(Socket socket, int number) throws IOException;
    }

    private static int countRight(List<Socket> sockets, Conversation conversation)
            throws Exception {
        List<Future<Boolean>> ends = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < sockets.size(); i++) {
                int number = i;
                ends.add(threads.submit(() -> conversation.isRight(sockets.get(number), number)));
            }
        }
        int right = 0;
        for (Future<Boolean> end : ends) {
            right += end.get() ? 1 : 0;
        }
        return right;
    }

    private static boolean echoed(Socket socket, int number) throws IOException {
        byte[] bytes = new byte[CROWD_BYTES];
        new SplittableRandom(number).nextBytes(bytes);
        socket.getOutputStream().write(bytes);
        return Arrays.equals(bytes, socket.getInputStream().readNBytes(bytes.length));
    }

    /**
     * churn HOST PORT COUNT SECONDS: short connections, each with a number of its own, closed by
     * reset.
     */
    private static String churn(String[] args, String host, int port) throws Exception {
        int count = Integer.parseInt(args[3]);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(args[4]));
        InetAddress address = InetAddress.getByName(host);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger right = new AtomicInteger();
        AtomicInteger misdelivered = new AtomicInteger();
        ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger failed = new AtomicInteger();
        long start = System.nanoTime();
        try (ExecutorService workers = Executors.newFixedThreadPool(32)) {
            for (int w = 0; w < 32; w++) {
                workers.execute(
                        () -> {
                            int n;
                            while ((n = next.getAndIncrement()) < count
                                    && System.nanoTime() < deadline) {
                                try {
                                    (once(address, port, n) ? right : misdelivered)
                                            .incrementAndGet();
                                } catch (IOException e) {
                                    failed.incrementAndGet();
                                    if (failures.size() < 3) {
                                        failures.add(e.toString());
                                    }
                                }
                            }
                        });
            }
        }
        long ms = (System.nanoTime() - start) / 1_000_000;
        return "right %d misdelivered %d failed %d in %d ms %s"
                .formatted(right.get(), misdelivered.get(), failed.get(), ms, failures);
    }

    private static boolean once(InetAddress address, int port, int n) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoLinger(true, 0);
            socket.setSoTimeout(10_000);
            socket.connect(new InetSocketAddress(address, port), 10_000);
            byte[] wanted = "%010d".formatted(n).getBytes(StandardCharsets.US_ASCII);
            OutputStream out = socket.getOutputStream();
            out.write(wanted);
            byte[] got = socket.getInputStream().readNBytes(wanted.length);
            if (got.length < wanted.length) {
                throw new IOException("end of file after " + got.length);
            }
            return Arrays.equals(wanted, got);
        }
    }
}
