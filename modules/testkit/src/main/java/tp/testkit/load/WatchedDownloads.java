package tp.testkit.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Downloads at the same time, each of which has to go on. */
final class WatchedDownloads {

    /**
     * @param bytes of each
     * @param streams how many at a time
     * @param stallMs without a byte for so long, one stands still
     */
    record Order(long bytes, int streams, int stallMs) {}

    private WatchedDownloads() {}

    /** {@return what went wrong, nothing where all came whole and without a stall} */
    static List<String> run(Places places, Order order) throws InterruptedException {
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < order.streams(); i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        String end = one(places, order);
                                        if (!end.isEmpty()) {
                                            wrong.add(end);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(wrong);
    }

    private static String one(Places places, Order order) {
        byte[] buffer = new byte[65_536];
        long total = 0;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(order.stallMs());
            socket.connect(places.bytes(), order.stallMs());
            socket.getOutputStream()
                    .write(
                            "GET /bytes?size=%d HTTP/1.0\r\n\r\n"
                                    .formatted(order.bytes())
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                total += got;
            }
            // The headers come on top.
            return total >= order.bytes() ? "" : "ended after " + total + " bytes";
        } catch (SocketTimeoutException e) {
            return "stalled after " + total + " bytes";
        } catch (IOException e) {
            return e.getMessage() + " after " + total + " bytes";
        }
    }
}
